"""Long vectors in chunks that stay in the cache, and two threads that share them.

NumPy lets go of the interpreter's lock while it computes, so that a second Python thread computes beside the first.
For each operation both need the lock for a moment, and who finds it taken waits: the chunks are as large as the cache
allows. The results are those of one thread, bit for bit, for each number is worked out from those at its own place.

OpenBLAS's second thread, after a product, waits busily for the next one, and meanwhile there is no core for ours. It
does so for some 100 ms, longer than a step, unless OPENBLAS_THREAD_TIMEOUT, set before NumPy is loaded, says otherwise;
where training jobs run, it is set to half a millisecond. With the long wait sharing brings nothing, and costs next to
nothing.
"""

import math
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Final

from nn.arrays import LINE, Array, aligned
from nn.kernels.blas import threads

CHUNK: Final = 131_072
"""Elements of a chunk: four vectors of it in float32 are 2 MiB."""
WORTH_SHARING: Final = 1_000_000
"""Elements of a vector from which a second thread pays. With it a whole training step with Adam took 0.84 of its time
with 4 million parameters, 0.94 with 1.3 million, 1.05 with 0.6 million."""


class Chunks:
    """Vectors of one length, walked over chunk by chunk.

    Two threads share the chunks of a long vector where products are computed on two or more; else one walks over all.
    """

    def __init__(self, *vectors: Array) -> None:
        n, dtype = len(vectors[0]), vectors[0].dtype
        shares = 2 if n >= WORTH_SHARING else 1
        count = shares * math.ceil(n / (shares * CHUNK))
        size = math.ceil(n / count / LINE) * LINE  # no cache line belongs to two chunks
        chunks = [[vector[i : i + size] for vector in vectors] for i in range(0, n, size)]
        scratches = [aligned((min(size, n),), dtype) for _ in range(shares)]
        half = math.ceil(len(chunks) / shares)
        self.shares = [
            [(scratch[: len(chunk[0])], *chunk) for chunk in chunks[k * half : (k + 1) * half]]
            for k, scratch in enumerate(scratches)
        ]
        self.second_thread = ThreadPoolExecutor(1, "nn-chunks") if shares > 1 else None

    def each(self, formula: Callable[..., None]) -> None:
        """Call formula(scratch, chunk of the first vector, …) for each chunk; scratch has the same length."""
        if self.second_thread is None or threads() < 2:
            for share in self.shares:
                _walk(share, formula)
            return
        first, second = self.shares
        # NumPy's error state belongs to the context: an overflow that one thread ignores is ignored in both.
        theirs = self.second_thread.submit(copy_context().run, _walk, second, formula)
        try:
            _walk(first, formula)
        finally:
            theirs.result()


def _walk(chunks: Sequence[tuple[Array, ...]], formula: Callable[..., None]) -> None:
    for chunk in chunks:
        formula(*chunk)

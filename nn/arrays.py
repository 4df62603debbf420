"""The array types of `nn`, and `Buffers`: the reason why a training step allocates nothing."""

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Array: TypeAlias = npt.NDArray[np.floating[Any]]
Indices: TypeAlias = npt.NDArray[np.integer[Any]]
AnyArray: TypeAlias = npt.NDArray[Any]
Shape: TypeAlias = tuple[int, ...]


class Buffers:
    """Named arrays that are allocated once and reused; their first axis is the batch.

    A smaller batch (the last of an epoch) gets a view of the larger buffer's first rows.
    """

    def __init__(self, dtype: npt.DTypeLike = np.float32) -> None:
        self.dtype = np.dtype(dtype)
        self._held: dict[str, AnyArray] = {}

    def get(self, name: str, shape: Shape, dtype: npt.DTypeLike | None = None) -> AnyArray:
        """An array of `shape`, its contents whatever was left in it."""
        held = self._held.get(name)
        if held is None or len(held) < shape[0] or held.shape[1:] != shape[1:]:
            held = self._held[name] = np.empty(shape, self.dtype if dtype is None else dtype)
        return held if len(held) == shape[0] else held[: shape[0]]

    def zeros(self, name: str, shape: Shape) -> AnyArray:
        """Like `get`, but zeroed when it is first allocated: for buffers whose padding is never written."""
        held = self._held.get(name)
        if held is None or len(held) < shape[0] or held.shape[1:] != shape[1:]:
            self._held[name] = np.zeros(shape, self.dtype)
        return self.get(name, shape)

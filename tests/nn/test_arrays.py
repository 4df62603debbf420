"""Where arrays begin, and buffers that are used again."""

import numpy as np
import pytest

from nn.arrays import LINE, Buffers, aligned
from nn.dispatch import kernel_of
from nn.layers import layer_from
from nn.network import Network
from nn.optimizers import Adam


@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.float64, np.intp])
@pytest.mark.parametrize("shape", [(1,), (3, 5), (128, 10), (100_001,)])
def test_an_aligned_array_begins_at_a_cache_line(shape: tuple[int, ...], dtype: type) -> None:
    held = [aligned(shape, dtype) for _ in range(5)]  # NumPy's own would begin at one in four lines
    for array in held:
        assert array.ctypes.data % LINE == 0
        assert (array.shape, array.dtype, array.flags.c_contiguous) == (shape, dtype, True)
        assert not array.any()
        array.fill(1)
    assert all(array.all() for array in held)


def test_what_products_write_is_aligned() -> None:
    network = Network([layer_from({"type": "dense", "units": 3})], (5,))
    optimizer = kernel_of(Adam())
    optimizer.start(network.parameters, network.gradients)
    buffer = Buffers().get("Y", (7, 3))
    for array in (network.parameters, network.gradients, buffer, *optimizer.moments.values()):
        assert array.ctypes.data % LINE == 0


def test_a_buffer_is_used_again_and_grows_with_the_batch() -> None:
    buffers = Buffers()
    first = buffers.get("Y", (4, 3))
    assert first.dtype == np.float32
    assert not first.any()
    first[...] = np.arange(12).reshape(4, 3)
    assert buffers.get("Y", (4, 3)) is first
    np.testing.assert_array_equal(buffers.get("Y", (2, 3)), first[:2])
    assert np.shares_memory(buffers.get("Y", (2, 3)), first)
    assert not np.shares_memory(buffers.get("Y", (5, 3)), first)
    assert buffers.get("at", (2,), np.intp).dtype == np.intp

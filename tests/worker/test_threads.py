import numpy as np
import pytest

from worker.threads import blas_threads, limited_to, threads_for


@pytest.mark.parametrize(
    ("parameter_count", "batch_size", "threads"),
    [(109_386, 1, 1), (109_386, 128, 1), (235_146, 128, 8), (109_386, 1024, 8), (636_010, 128, 8)],
)
def test_small_products_get_one_thread_and_large_ones_all(parameter_count: int, batch_size: int, threads: int) -> None:
    assert threads_for(parameter_count, batch_size, 8) == threads


def test_a_limit_holds_inside_its_block_only() -> None:
    np.zeros((2, 2)) @ np.zeros((2, 2))
    before = blas_threads()

    with limited_to(1):
        inside = blas_threads()

    assert inside == 1
    assert blas_threads() == before

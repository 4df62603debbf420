"""How many threads the matrix products of one training get.

A second thread costs a meeting of both at every product. Where the products are small the meetings cost more than the
thread brings, and while something else wants the cores they cost fifty times as much: whoever comes first spins until
the other is let back in. So a small network trains on one thread, a large one on all that the worker has.
"""

from typing import Final

from threadpoolctl import threadpool_info, threadpool_limits

WORTH_THREADS: Final = 150e6
"""Floating point operations of a step from which a second thread pays: between 84e6 (784-128-64-10 in batches of 128:
0.9 to 1.15 times the speed of one thread, by machine) and 181e6 (784-256-128-10: 1.2 times) on two cores."""

OPERATIONS_PER_PRODUCT: Final = 6
"""A multiplication and an addition, three times: forward, and for either gradient."""


def threads_for(multiplications: int, batch_size: int, most: int) -> int:
    """Threads for a network, by its multiplications a row (`nn.network.Network.multiplications`).

    It depends on the job alone, so that a job repeated is the same.
    """
    operations = OPERATIONS_PER_PRODUCT * multiplications * batch_size
    return most if operations >= WORTH_THREADS else 1


def blas_threads() -> int:
    """The threads that this process was given when it began (`OPENBLAS_NUM_THREADS` and its like)."""
    return max((pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"), default=1)


def limited_to(threads: int) -> threadpool_limits:
    """A block in which matrix products use this number of threads."""
    return threadpool_limits(limits=threads, user_api="blas")

"""Vectors in chunks: every place once, on one thread or on two."""

import threading

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from nn.dispatch import kernel_of
from nn.kernels import blas
from nn.kernels.chunks import CHUNK, WORTH_SHARING, Chunks
from nn.optimizers import OPTIMIZERS, optimizer_from

SHARED = WORTH_SHARING + 12_345


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("n", [1, 63, CHUNK, CHUNK + 1, 3 * CHUNK - 7, WORTH_SHARING - 1, WORTH_SHARING, SHARED])
def test_every_place_is_walked_over_once(n, threads):
    counts, numbers = np.zeros(n), np.arange(n, dtype=np.float64)

    def formula(scratch, count, number):
        np.multiply(number, 2, out=scratch)
        count += scratch + 1

    with threadpool_limits(threads, user_api="blas"):
        Chunks(counts, numbers).each(formula)

    np.testing.assert_array_equal(counts, 2 * numbers + 1)


def walkers(n, threads):
    seen = set()
    with threadpool_limits(threads, user_api="blas"):
        Chunks(np.zeros(n)).each(lambda *_: seen.add(threading.get_ident()))
    return len(seen)


@pytest.mark.skipif(not blas.FUNCTIONS, reason="this NumPy's BLAS does not say how many threads it has")
def test_a_second_thread_takes_part_where_there_are_two_and_it_pays():
    assert walkers(SHARED, 2) == 2
    assert walkers(SHARED, 1) == 1
    assert walkers(WORTH_SHARING - 1, 2) == 1


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_two_threads_step_as_one_does_bit_for_bit(name, rng):
    g, start = rng.normal(size=(2, SHARED)).astype(np.float32)
    ends = []
    for threads in (1, 2):
        theta = start.copy()
        choices = {"momentum": 0.9, "nesterov": True} if name == "sgd" else {}
        optimizer = kernel_of(optimizer_from({"name": name, **choices}))
        with threadpool_limits(threads, user_api="blas"):
            optimizer.start(theta, g)
            for _ in range(3):
                optimizer.step(0.01)
        ends.append(theta)

    np.testing.assert_array_equal(*ends)
    assert not (ends[0] == start).all()


@pytest.mark.filterwarnings("error")
def test_an_overflow_that_is_ignored_is_ignored_by_both_threads():
    large = np.full(SHARED, 1e200)
    with np.errstate(over="ignore"), threadpool_limits(2, user_api="blas"):
        Chunks(large).each(lambda scratch, piece: np.multiply(piece, piece, out=piece))
    assert np.isinf(large).all()


@pytest.mark.parametrize("place", [0, -1])
def test_an_error_in_either_thread_comes_out(place):
    numbers = np.zeros(SHARED)
    numbers[place] = 1

    def fail(_, piece):
        if piece.any():
            raise ValueError("a one")

    with threadpool_limits(2, user_api="blas"), pytest.raises(ValueError, match="a one"):
        Chunks(numbers).each(fail)


def test_a_vector_of_many_chunks_is_stepped_like_a_short_one(rng):
    g = rng.normal(size=150_000)
    ends = []
    for part in (g, *np.split(g, 3)):
        theta, gradient = np.zeros_like(part), part.copy()
        optimizer = kernel_of(optimizer_from({"name": "adam", "learning_rate": 0.1}))
        optimizer.start(theta, gradient)
        for factor in (1, -0.5):
            gradient[...] = factor * part
            optimizer.step(0.1)
        ends.append(theta)

    np.testing.assert_array_equal(ends[0], np.concatenate(ends[1:]))


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_steps_allocate_no_vectors(name):
    import tracemalloc

    optimizer = kernel_of(optimizer_from({"name": name}))
    theta, g = np.ones(100_000, np.float32), np.ones(100_000, np.float32)
    optimizer.start(theta, g)
    optimizer.step(0.1)
    tracemalloc.start()
    for _ in range(5):
        optimizer.step(0.1)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < 10_000


def test_velocities_that_have_died_away_are_zeroed_not_kept_as_denormal_numbers():
    optimizer = kernel_of(optimizer_from({"name": "sgd", "learning_rate": 0.1, "momentum": 0.5}))
    optimizer.start(np.zeros(3, np.float32), np.zeros(3, np.float32))
    optimizer.moments["velocity"][...] = [1.0, 1e-20, 0.0]
    for _ in range(128):
        optimizer.step(0.1)

    assert (optimizer.moments["velocity"] == 0).all()

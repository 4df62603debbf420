import os
import subprocess
import sys

import numpy as np
import pytest

from api.local.commands import worker_environment
from nn import Model
from nn.kernels.blas import FUNCTIONS
from worker.messaging.queue import TRAINING
from worker.runtime.blas_threads import blas_threads, limited_to, threads_for
from worker.settings import Settings

MNIST = ((28, 28), "classification", [str(digit) for digit in range(10)])


@pytest.mark.parametrize(
    ("hidden_layers", "batch_size", "threads"),
    [([128, 64], 1, 1), ([128, 64], 128, 1), ([256, 128], 128, 8), ([128, 64], 1024, 8), ([800], 128, 8)],
)
def test_small_products_get_one_thread_and_large_ones_all(
    hidden_layers: list[int], batch_size: int, threads: int
) -> None:
    model = Model.build(MNIST, hidden_layers=hidden_layers, rng=np.random.default_rng(0))
    assert threads_for(model.network.multiplications, batch_size, 8) == threads


def test_the_weights_of_a_convolution_count_at_every_place() -> None:
    layers = [{"type": "conv2d", "filters": 16, "kernel": 5, "stride": 2}, {"type": "relu"}]
    network = Model.build(MNIST, layers=layers, rng=np.random.default_rng(0)).network

    places = 12 * 12
    assert network.multiplications == places * 16 * 25 + places * 16 * 10
    assert threads_for(network.multiplications, 512, 8) == 8
    assert threads_for(network.parameter_count, 512, 8) == 1


def test_a_limit_holds_inside_its_block_only() -> None:
    np.zeros((2, 2)) @ np.zeros((2, 2))
    before = blas_threads()

    with limited_to(1):
        inside = blas_threads()

    assert inside == 1
    assert blas_threads() == before


IDLE = """
import time
import numpy as np

A = np.ones((500, 500), np.float32)
A @ A
spent = 0.0
for _ in range(10):
    A @ A
    before = time.process_time()
    time.sleep(0.05)
    spent += time.process_time() - before
print(spent / 10)
"""


@pytest.mark.skipif(not FUNCTIONS, reason="this NumPy's BLAS is another one")
def test_between_products_a_workers_threads_sleep() -> None:
    """Processor time, not speed: OpenBLAS's own way is to spend 100 ms of it after each product, waiting busily."""
    settings = Settings(train_threads=2)
    environment = os.environ | worker_environment(TRAINING, settings)

    done = subprocess.run([sys.executable, "-c", IDLE], env=environment, capture_output=True, text=True, check=True)

    assert float(done.stdout) < 0.01

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from api.local.commands import worker_environment
from nn import Model
from nn.kernels.blas import FUNCTIONS
from worker.runtime.blas_threads import blas_threads, limited_to, threads_for
from worker.settings import Settings
from worker.work.kind import TRAINING

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
import os
import re
import threading
import time
import numpy as np

def times_asleep():
    status = [open(f"/proc/self/task/{task}/status").read() for task in os.listdir("/proc/self/task")
              if int(task) != threading.get_native_id()]
    return sum(int(re.search(r"^voluntary_ctxt_switches:\\s+(\\d+)", text, re.MULTILINE)[1]) for text in status)

A = np.ones((500, 500), np.float32)
A @ A
before = times_asleep()
for _ in range(20):
    A @ A
    time.sleep(0.02)
print(times_asleep() - before)
"""


@pytest.mark.skipif(not FUNCTIONS, reason="this NumPy's BLAS is another one")
@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="reads /proc")
def test_between_products_a_workers_threads_sleep() -> None:
    """What the kernel counts, not time: OpenBLAS's own way is to wait busily for 100 ms, and to let go of nothing."""
    settings = Settings(train_threads=2)
    environment = os.environ | worker_environment(TRAINING, settings)

    done = subprocess.run([sys.executable, "-c", IDLE], env=environment, capture_output=True, text=True, check=True)

    assert int(done.stdout) >= 15, "times that the other thread went to sleep, in 20 products"

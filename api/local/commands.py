"""How the processes of the service are run: their command lines and environments."""

import os
import socket
from typing import Final

from worker import launch
from worker.environment import API_KEYS, without_api_keys
from worker.settings import LOOPBACK_HOSTS, PREFIX, Settings
from worker.work.kind import TRAINING

ANY_ADDRESS: Final = frozenset({"0.0.0.0", "::", ""})  # noqa: S104  # to be told apart, not to be bound
"""Addresses that name no machine, and so are no name of the API."""

BLAS_THREADS: Final = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
"""The variables by which OpenBLAS, MKL and Accelerate are told."""

BRIEF_WAIT: Final = {"OPENBLAS_THREAD_TIMEOUT": "20"}
"""How long a thread of OpenBLAS waits busily for its next product before it sleeps: 2²⁰ clock cycles, some 0.5 ms.

By default it is 2²⁸, some 100 ms: longer than a training step, so that the second core is never there for anything
else, be it the optimizer's half of a step (`nn.kernels.chunks`) or a prediction. With 2¹⁶ small networks are slower:
between two of their products its threads fall asleep.
"""


def api_command(bind: str) -> list[str]:
    """How the API is served on `bind`."""
    return launch.command("gunicorn", "-c", "python:api.server", "--bind", bind, "api.app:create_app()")


def api_environment(host: str, settings: Settings) -> dict[str, str]:
    """The environment of an API on the address `host`. Of its keys it is given the hashes.

    Without keys, `host` is a name of it beside those of this machine.
    """
    environment = without_api_keys(os.environ)
    for name, keys in zip(API_KEYS, (settings.api_keys, settings.read_keys), strict=True):
        if keys:
            environment[name] = ",".join(keys)
    if not (settings.hosts or settings.has_keys or host in ANY_ADDRESS):
        environment[f"{PREFIX}HOSTS"] = ",".join([*LOOPBACK_HOSTS, host])
    return environment


def worker_command(queue: str, settings: Settings, name: str) -> list[str]:
    """How a worker of one queue is run: one child process, which does one task at a time."""
    celery = launch.command("celery", "-A", "worker.runtime.celery_app:celery", "--quiet", "worker")
    options = ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", settings.log_level]
    return [*celery, "--queues", queue, "--hostname", f"{name}@{socket.gethostname()}", "--concurrency", "1", *options]


def worker_environment(queue: str, settings: Settings, *, share: int = 1) -> dict[str, str]:
    """The environment of a worker, with no keys of the API, and with its BLAS threads and how they wait.

    These must stand before NumPy is imported; later they would do nothing.

    Args:
        queue: the queue that it works on
        settings: they may fix the number
        share: among how many training workers this machine's cores are divided
    """
    threads = settings.predict_threads
    if queue == TRAINING:
        threads = settings.train_threads or max(1, _cores() // share)
    return without_api_keys(os.environ) | dict.fromkeys(BLAS_THREADS, str(threads)) | BRIEF_WAIT


def _cores() -> int:
    """Cores that this process may use: fewer than the machine has, in a container that is given fewer."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1

"""Waiting for what becomes true."""

import threading
import time
from collections.abc import Callable


def wait_until(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    """Wait for something to become true; fail when it does not."""
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    while not condition():
        assert time.monotonic() < deadline, f"still not true after {seconds} s"
        pause.wait(0.02)

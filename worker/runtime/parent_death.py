"""A process ends with the one that started it, even when that one was killed.

`neurond up` hands each child the reading end of a pipe whose writing end only it holds. When it is gone, however it
went, the kernel closes the pipe, and the child tells itself to stop.
"""

import os
import signal
import threading

VARIABLE = "NEUROND_LIFELINE"
"""The file descriptor of the pipe's reading end; not there when nobody's end matters."""


def watch() -> None:
    """End this process, as SIGTERM does, once the one who started it is gone."""
    descriptor = os.environ.get(VARIABLE)
    if descriptor is None:
        return

    def wait() -> None:
        os.read(int(descriptor), 1)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, name="parent-death", daemon=True).start()

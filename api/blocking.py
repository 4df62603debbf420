"""Calls that block the whole process, the blob store's among them, go to a thread, so that other requests go on.

Under gunicorn each process answers all its requests in one thread, on gevent's hub; sockets and sleeps yield to the
others there, compiled code that waits for a disk does not.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from gevent import get_hub, monkey

Answer = TypeVar("Answer")


def run_aside(function: Callable[..., Answer], /, *arguments: Any, **options: Any) -> Answer:
    """What the function gives or raises; meanwhile the other requests of this process are answered.

    It must not use a socket of Python's: those belong to the hub's own thread.
    """
    if not monkey.is_module_patched("socket"):  # no gevent here: a test, the command line
        return function(*arguments, **options)
    answer: Answer = get_hub().threadpool.apply(function, arguments, options)
    return answer

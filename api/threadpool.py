"""Calls that block the whole process, the blob store's among them, go to a thread, so that other requests go on.

Under gunicorn each process answers all its requests in one thread, on gevent's hub; sockets and sleeps yield to the
others there, compiled code that waits for a disk does not.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from gevent import get_hub, monkey

Answer = TypeVar("Answer")


def run_in_thread(function: Callable[..., Answer], /, *arguments: Any, **options: Any) -> Answer:
    """What the function gives or raises; meanwhile the other requests of this process are answered.

    It must not use a socket of Python's: those belong to the hub's own thread.
    """
    if not monkey.is_module_patched("socket"):  # no gevent here: a test, the command line
        return function(*arguments, **options)
    # An exception is carried as a value: gevent would write each that leaves a thread into the log, as if it were ours.
    answer, error = get_hub().threadpool.apply(_outcome, (function, arguments, options))
    if error is not None:
        raise error
    returned: Answer = answer
    return returned


def _outcome(
    function: Callable[..., Any], arguments: tuple[Any, ...], options: dict[str, Any]
) -> tuple[Any, BaseException | None]:
    """What a function gives, or what it raises."""
    try:
        return function(*arguments, **options), None
    except BaseException as error:  # noqa: BLE001  # it is raised where the caller is
        return None, error

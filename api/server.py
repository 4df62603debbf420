"""How gunicorn serves the API: `gunicorn -c python:api.server 'api.app:create_app()'`.

gevent workers, because most requests wait: for a prediction, for the next event. A waiting request costs a greenlet,
not a thread, and health checks are answered beside thousands of them.

This module is read before gevent patches the standard library: what it imports must not have taken threads, queues or
sockets from there, and the app is found through the worker that has it.
"""

import gc
import resource
from typing import Any, Final

from gunicorn import glogging

from worker.observability import json_lines
from worker.runtime import parent_death
from worker.settings import Settings

_settings = Settings.from_environment()

LEAVING: Final = 100
"""Connections that are given up and not yet gone, beside those that may be open."""

OTHER_FILES: Final = 500
"""Open files of a process that are no client's: logs, connections to Redis, blobs."""


def _most_connections() -> int:
    """As many as the settings say, if the system lets a process open that number of files; it is asked for them."""
    wanted = _settings.max_connections + LEAVING + OTHER_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    files = wanted if soft == resource.RLIM_INFINITY else soft
    return max(1, min(_settings.max_connections, files - LEAVING - OTHER_FILES))


class Logger(glogging.Logger):  # type: ignore[misc]  # gunicorn is untyped
    """gunicorn's log without a line for each request: those are counted (`/metrics`) and traced."""

    def access(self, *_: Any) -> None:
        """Say nothing; gunicorn would put a line together for whoever configures its log, and then drop it."""


MOST_CONNECTIONS: Final = _most_connections()

worker_class = "api.gunicorn_worker.CoalescingWorker"
workers = _settings.api_workers
worker_connections = MOST_CONNECTIONS + LEAVING
graceful_timeout = 5
keepalive = 75
loglevel = "warning" if _settings.log_level == "info" else _settings.log_level
logger_class = Logger
logconfig_dict = {
    **json_lines.configuration(loglevel),
    "loggers": {
        "gunicorn.error": {"level": loglevel.upper(), "handlers": [], "propagate": True},
        "gunicorn.access": {"level": loglevel.upper(), "handlers": [], "propagate": False},
    },
}
"""Its own lines are of one form with all others; a client's bytes in them are a string of JSON."""
limit_request_line = 8190
"""The longest that gunicorn takes: a name of 200 characters may be 2,400 in a query."""
control_socket_disable = True


def _context(worker: Any) -> Any:
    from api.services import EXTENSION

    return worker.wsgi.extensions[EXTENSION]


def post_worker_init(worker: Any) -> None:
    """Log in lines of JSON, count where all may see it, trace it if that is wanted, answer all errors alike.

    And have a door, at which what cannot be answered in time is refused, and a clock for those who keep it waiting.

    What is there by now stays: the garbage collector need not look at it again and again, 50 ms each time.
    """
    from api import gunicorn_errors, tracing
    from worker.observability import logs

    logs.set_up(_settings.log_level)
    gunicorn_errors.register()
    _wait_for_clients(worker)
    worker.refuse = _context(worker).shedding.reject_early
    _context(worker).store.metrics.keep_flushing()
    tracing.start(worker.wsgi)
    gc.collect()
    gc.freeze()


def _wait_for_clients(worker: Any) -> None:
    """Wait for what clients send, and not for ever."""
    from api import gunicorn_errors
    from api.gate.connections import Connections, Pace

    worker.pace = Pace(_settings.head_seconds, _settings.body_bytes_per_second)
    worker.connections = Connections(most=MOST_CONNECTIONS, most_of_address=_settings.max_connections_per_address)
    worker.connections.keep_looking()
    slow = f"the head of the request was not whole within {_settings.head_seconds:g} s (NEUROND_HEAD_SECONDS)"
    worker.too_slow = gunicorn_errors.problem(408, "Request Timeout", slow)
    full = "too many connections are open; try again in a moment"
    worker.full = gunicorn_errors.problem(503, "Service Unavailable", full, **{"Retry-After": 1})


def worker_exit(server: Any, worker: Any) -> None:
    """Count the last requests too."""
    del server
    _context(worker).store.metrics.stop()


def when_ready(server: Any) -> None:
    """Watch over the one who started us."""
    del server
    parent_death.watch()

"""How gunicorn serves the API: `gunicorn -c python:api.server 'api.app:create_app()'`.

gevent workers, because most requests wait: for a prediction, for the next event. A waiting request costs a greenlet,
not a thread, and health checks are answered beside thousands of them.

This module is read before gevent patches the standard library: what it imports must not have taken threads, queues or
sockets from there, and the app is found through the worker that has it.
"""

import gc
from typing import Any

from worker import json_lines, lifeline
from worker.settings import Settings

_settings = Settings.from_environment()

worker_class = "api.gathering.GatheringWorker"
workers = _settings.api_workers
worker_connections = 2000
graceful_timeout = 5
keepalive = 75
loglevel = "warning" if _settings.log_level == "info" else _settings.log_level
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
    from api.context import EXTENSION

    return worker.wsgi.extensions[EXTENSION]


def post_worker_init(worker: Any) -> None:
    """Log in lines of JSON, count where all may see it, trace it if that is wanted, answer all errors alike.

    And have a door, at which what cannot be answered in time is refused.


    What is there by now stays: the garbage collector need not look at it again and again, 50 ms each time.
    """
    from api import tracing, unreadable
    from worker import logs

    logs.set_up(_settings.log_level)
    unreadable.register()
    worker.refuse = _context(worker).shedding.at_the_door
    _context(worker).store.metrics.keep_flushing()
    tracing.start(worker.wsgi)
    gc.collect()
    gc.freeze()


def worker_exit(server: Any, worker: Any) -> None:
    """Count the last requests too."""
    del server
    _context(worker).store.metrics.stop()


def when_ready(server: Any) -> None:
    """Watch over the one who started us."""
    del server
    lifeline.watch()

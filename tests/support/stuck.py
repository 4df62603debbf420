"""The worker's app, with one form more: a body of the form `hang` is never read to its end."""

import signal
from typing import Any

from worker.inference.codecs import FORMS, Form, json_rows
from worker.runtime.celery_app import celery

__all__ = ["celery"]


def _hang(*_: Any) -> Any:
    while True:
        signal.pause()


FORMS["hang"] = Form(_hang, json_rows.write)

"""The worker's app, with one codec more: a body for `hang` is never read to its end."""

import signal
from typing import Any

from worker.inference.codecs import CODECS, Codec, json_rows
from worker.runtime.celery_app import celery

__all__ = ["celery"]


def _hang(*_: Any) -> Any:
    while True:
        signal.pause()


CODECS["hang"] = Codec(_hang, json_rows.write)

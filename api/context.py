"""What the views of one app share: its settings, store and queue, its open streams, and who asks the workers."""

from dataclasses import dataclass
from typing import Final, cast

from flask import current_app

from api.asker import Asker
from api.streams import Streams
from worker.queue import Queue
from worker.settings import Settings
from worker.store import Store

EXTENSION: Final = "neurond"


@dataclass(frozen=True)
class Context:
    """Made by `create_app`, found by `context`."""

    settings: Settings
    store: Store
    queue: Queue
    streams: Streams
    asker: Asker


def context() -> Context:
    """The context of the app that answers the current request."""
    return cast(Context, current_app.extensions[EXTENSION])

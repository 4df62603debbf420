"""What the parts of one app share: its settings, store and queue, its streams, who asks the workers, who refuses."""

from dataclasses import dataclass
from typing import Final, cast

from flask import current_app

from api.load_shedding.policy import Shedding
from api.prediction_client import PredictionClient
from api.streams import Streams
from worker.messaging.queue import Queue
from worker.settings import Settings
from worker.store import Store
from worker.store.probe import Probe

EXTENSION: Final = "neurond"


@dataclass(frozen=True)
class Services:
    """Made by `create_app`, found by `context`."""

    settings: Settings
    store: Store
    queue: Queue
    streams: Streams
    prediction_client: PredictionClient
    shedding: Shedding
    probe: Probe


def services() -> Services:
    """The context of the app that answers the current request."""
    return cast(Services, current_app.extensions[EXTENSION])

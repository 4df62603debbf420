"""The API over fakeredis: no server, no worker. What a worker would do, a test does through the store."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import fakeredis
import pytest
from flask import Flask
from flask.testing import FlaskClient

from api.app import create_app
from api.services import EXTENSION
from tests.api.description import DescribedClient
from worker.settings import Settings
from worker.store import Store

SPEC = {"dataset": "mnist"}


def submit(client: FlaskClient, **fields: object) -> str:
    """A job's id, after its 202."""
    response = client.post("/v1/jobs", json=SPEC | fields)
    assert response.status_code == 202
    return str(response.json["id"])


@dataclass
class SentWakeUps:
    """Stands where the queue stands, and keeps what was sent."""

    train: int = 0
    predict: int = 0
    later: int = 0
    ingest: int = 0
    errands: list[str] = field(default_factory=list)
    broken: Exception | None = None

    def send_train(self) -> None:
        if self.broken:
            raise self.broken
        self.train += 1

    def send_errand(self, errand_id: str) -> None:
        self.errands.append(errand_id)

    def send_ingest(self) -> None:
        if self.broken:
            raise self.broken
        self.ingest += 1

    def send_predict_later(self) -> None:
        self.later += 1

    def send_predict(self) -> None:
        self.predict += 1


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(max_queued_jobs=5, predict_timeout_seconds=0.5, blob_url=f"file://{tmp_path / 'blobs'}")


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    with fakeredis.FakeRedis() as redis:
        yield Store(redis, settings)


@pytest.fixture
def queue() -> SentWakeUps:
    return SentWakeUps()


@pytest.fixture
def app(settings: Settings, store: Store, queue: SentWakeUps) -> Iterator[Flask]:
    """The app; its test client holds each answer to its description."""
    app = create_app(settings, store=store, queue=queue)
    app.test_client_class = DescribedClient
    yield app
    app.extensions[EXTENSION].prediction_client.stop()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()

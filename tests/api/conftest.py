"""The API over fakeredis: no server, no worker. What a worker would do, a test does through the store."""

from collections.abc import Iterator
from pathlib import Path

import fakeredis
import pytest
from flask import Flask
from flask.testing import FlaskClient

from api.app import create_app
from api.services import EXTENSION
from tests.support.builders.requests import SentWakeUps
from tests.support.description import DescribedClient
from worker.settings import Settings
from worker.store import Store


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

"""What a submit asks of Redis, counted on a real server."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from redis import Redis
from redis.connection import AbstractConnection

from api.app import create_app
from worker.settings import Settings
from worker.store import Store

MOST = 5


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What went out on any connection: one entry a round trip."""
    trips: list[bytes] = []
    send = AbstractConnection.send_packed_command

    def counted(self: Any, command: Any, *arguments: Any, **options: Any) -> Any:
        trips.append(command if isinstance(command, bytes) else b"".join(command))
        return send(self, command, *arguments, **options)

    monkeypatch.setattr(AbstractConnection, "send_packed_command", counted)
    return trips


@pytest.fixture
def client(redis_url: str, server: Redis, tmp_path: Path) -> Iterator[FlaskClient]:
    app = create_app(Settings(redis_url=redis_url, blob_url=f"file://{tmp_path}"))
    yield app.test_client()
    app.extensions["neurond"].prediction_client.stop()


def own_dataset(client: FlaskClient) -> str:
    """The ID of a table that has been read."""
    response = client.post("/v1/datasets", data=b"a,y\n1,2\n2,4\n", headers={"Content-Type": "text/csv"})
    store: Store = client.application.extensions["neurond"].store
    claim = store.datasets.claim("w", 60_000)
    assert claim is not None
    about = {"task": "regression", "classes": [], "input_shape": [1], "columns": [], "stored_bytes": 1, "blob": "b"}
    store.datasets.ready(claim, about)
    return str(response.json["id"])


@pytest.mark.parametrize("own", [False, True], ids=["built in", "own data set"])
@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "k"}], ids=["without a key", "with a key"])
def test_a_submit_takes_five_round_trips_at_most(
    client: FlaskClient, sent: list[bytes], own: bool, headers: dict[str, str]
) -> None:
    spec = {"dataset": own_dataset(client) if own else "mnist"}
    assert client.post("/v1/jobs", json=spec).status_code == 202  # scripts, connections and Redis's memory are known
    sent.clear()

    response = client.post("/v1/jobs", json=spec, headers=headers)

    assert response.status_code == 202
    assert 0 < len(sent) <= MOST, sent

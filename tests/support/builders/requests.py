"""Requests to the API, and what stands where the queue stands."""

from collections import Counter
from dataclasses import dataclass, field

from flask.testing import FlaskClient

SPEC = {"dataset": "mnist"}


def submit(client: FlaskClient, **fields: object) -> str:
    """A job's id, after its 202."""
    response = client.post("/v1/jobs", json=SPEC | fields)
    assert response.status_code == 202
    return str(response.json["id"])


@dataclass
class SentWakeUps:
    """Stands where the queue stands, and keeps what was sent."""

    work: Counter[str] = field(default_factory=Counter)
    """By queue."""
    predict: int = 0
    broken: Exception | None = None

    def send_work(self, queue: str) -> None:
        if self.broken:
            raise self.broken
        self.work[queue] += 1

    def send_predict(self) -> None:
        self.predict += 1

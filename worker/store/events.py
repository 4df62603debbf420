"""What happened to a job, in order: a Redis stream that lives as long as the job's record."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import orjson
from redis import Redis

from worker.store import keys
from worker.store.connection import BLOCK_SECONDS
from worker.store.jobs import FINISHED

READ_AT_ONCE: Final = 1000


@dataclass(frozen=True)
class Event:
    """One thing that happened to a job."""

    id: str
    event: str
    data: dict[str, Any]

    @property
    def created_at(self) -> datetime:
        """When it happened, by Redis's clock: the stream's IDs begin with it."""
        return datetime.fromtimestamp(int(self.id.partition("-")[0]) / 1000, UTC)

    @property
    def last(self) -> bool:
        """Whether the job ended with it."""
        return self.event in FINISHED


class Events:
    """The events of all jobs. They are written by the scripts of the job's life, never alone."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def read(self, job_id: str, *, after: str | None = None, limit: int = 100) -> list[Event]:
        """Events of a job, oldest first, from the one after the ID `after`."""
        entries: Any = self._redis.xrange(keys.JOB.events(job_id), min=f"({after}" if after else "-", count=limit)
        return [_event(entry) for entry in entries]

    def epoch(self, job_id: str, number: int) -> dict[str, Any]:
        """What was told at the end of an epoch, by whichever attempt; empty when nothing was."""
        upto = "+"
        while True:
            entries: Any = self._redis.xrevrange(keys.JOB.events(job_id), max=upto, count=READ_AT_ONCE)
            for event in map(_event, entries):
                if event.event == "epoch" and event.data["epoch"] == number:
                    return event.data
            if len(entries) < READ_AT_ONCE:
                return {}
            upto = f"({entries[-1][0].decode()}"

    def wait(self, job_id: str, *, after: str | None) -> list[Event]:
        """Events after the ID `after`, waiting up to half a second for the first."""
        key = keys.JOB.events(job_id)
        answer = self._redis.xread({key: after or "0-0"}, block=int(BLOCK_SECONDS * 1000), count=100)
        if not answer:
            return []
        [(_, entries)] = answer.items() if isinstance(answer, dict) else answer
        return [_event(entry) for entry in entries]


def _event(entry: Any) -> Event:
    identifier, fields = entry
    return Event(identifier.decode(), fields[b"event"].decode(), orjson.loads(fields[b"data"]))

"""What happened to a job, in order: a Redis stream that lives as long as the job's record."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from queue import Empty
from typing import Any, Final

import orjson
from redis import Redis

from worker.store import keys
from worker.store.jobs import FINISHED
from worker.store.listener import BLOCK_SECONDS, START, BehindError, Listener, Position
from worker.work import kind_of

AT_ONCE: Final = 100
"""Events that are read in one round trip, of each job."""

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
    def position(self) -> Position:
        """Where it stands among the events of its job."""
        return _position(self.id)

    @property
    def last(self) -> bool:
        """Whether the job ended with it."""
        return self.event in FINISHED


class Events:
    """The events of all jobs. They are written by the scripts of the job's life, never alone."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._listener = Listener("events", self._wait)

    def read(self, identifier: str, *, after: str | None = None, limit: int = AT_ONCE) -> list[Event]:
        """Events of a record, oldest first, from the one after the ID `after`."""
        stream = kind_of(identifier).events(identifier)
        entries: Any = self._redis.xrange(stream, min=f"({after}" if after else "-", count=limit)
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

    def all(self, job_id: str, *, after: str | None = None) -> Iterator[Event]:
        """The events that there are by now, oldest first, from the one after the ID `after`."""
        while events := self.read(job_id, after=after):
            yield from events
            after = events[-1].id

    def follow(self, job_id: str, *, after: str | None, seconds: float) -> Iterator[Event | None]:
        """Events after the ID `after`, and those that come, up to the job's last one.

        All who follow in one process share one connection. None means that `seconds` have passed without an event.

        Raises:
            RedisError: Redis cannot be reached.

        """
        last = False
        while not last:
            for event in self.all(job_id, after=after):
                yield event
                after, last = event.id, event.last
            if not last:
                for heard in self._listen(job_id, START if after is None else _position(after), seconds):
                    yield heard
                    if heard is not None:
                        after, last = heard.id, heard.last

    def _listen(self, job_id: str, heard: Position, seconds: float) -> Iterator[Event | None]:
        """Events behind `heard` as they come, up to the last one, or to the one after which more came than is kept."""
        with self._listener.listen(job_id, heard) as mailbox:
            while True:
                try:
                    item = mailbox.get(timeout=seconds)
                except Empty:
                    yield None
                    continue
                if isinstance(item, BehindError):
                    return
                if isinstance(item, Exception):
                    raise item
                if item.position > heard:
                    heard = item.position
                    yield item
                    if item.last:
                        return

    def _wait(self, heard: Mapping[str, Position]) -> Iterator[tuple[str, Position, Event]]:
        """The events that come behind these positions, by job; up to `BLOCK_SECONDS` for the first."""
        streams: Any = {keys.JOB.events(job_id): "{}-{}".format(*position) for job_id, position in heard.items()}
        jobs = dict(zip(map(str.encode, streams), heard, strict=True))
        answer: Any = self._redis.xread(streams, block=int(BLOCK_SECONDS * 1000), count=AT_ONCE)
        for key, entries in answer.items() if isinstance(answer, dict) else answer or ():
            for event in map(_event, entries):
                yield jobs[key], event.position, event


def _position(event_id: str) -> Position:
    milliseconds, _, number = event_id.partition("-")
    return int(milliseconds), int(number or 0)


def _event(entry: Any) -> Event:
    identifier, fields = entry
    return Event(identifier.decode(), fields[b"event"].decode(), orjson.loads(fields[b"data"]))

"""What can be read of the records of one kind, without changing any."""

from collections.abc import Callable, Mapping
from typing import Any, Generic

from redis import Redis

from worker.errors import NotFoundError
from worker.store import records
from worker.store.claim import Record
from worker.store.records import Hash, Page
from worker.store.status import Status
from worker.work.kind import Kind


class RecordReader(Generic[Record]):
    """All records of one kind, as they are now."""

    def __init__(self, redis: Redis, kind: Kind, parse: Callable[[Hash], Record]) -> None:
        """`parse` makes a record of its hash."""
        self._redis = redis
        self._kind = kind
        self._parse = parse

    @property
    def noun(self) -> str:
        """What one record is called."""
        return self._kind.noun

    def get(self, identifier: str) -> Record:
        """Read one record.

        Raises:
            NotFoundError: there is no such record.

        """
        return self.parse(identifier, self._redis.hgetall(self._kind.record(identifier)))

    def parse(self, identifier: str, answer: Mapping[Any, Any]) -> Record:
        """The record, of what Redis has at its key.

        Raises:
            NotFoundError: nothing is there.

        """
        return self._parse(self._decode(identifier, answer))

    def exists(self, identifier: str) -> bool:
        """Whether there is such a record."""
        return bool(self._redis.exists(self._kind.record(identifier)))

    def page(
        self,
        *,
        limit: int,
        after: str | None = None,
        status: Status | None = None,
        keep: Callable[[Record], bool] | None = None,
    ) -> Page[Record]:
        """Records, newest first; `status` keeps those in one state, `keep` those for which it is true."""
        kind = self._kind
        return records.read_page(
            self._redis,
            kind.index if status is None else kind.with_status(status),
            kind.noun,
            kind.record,
            self._parse,
            limit=limit,
            after=after,
            places=kind.index,
            keep=keep,
        )

    def children(self, identifier: str) -> list[str]:
        """The IDs of the children that it has waited for, oldest first."""
        found: Any = self._redis.lrange(self._kind.children(identifier), 0, -1)
        return [child.decode().rpartition(":")[2] for child in found]

    def leases(self) -> dict[str, float]:
        """When the lease of each running one ends, in milliseconds of Redis's own clock."""
        answer: Any = self._redis.zrange(self._kind.leases, 0, -1, withscores=True)
        return {identifier.decode(): ends for identifier, ends in answer}

    def owners(self) -> dict[str, tuple[str, int]]:
        """Owner and token of each running one."""
        identifiers = list(self.leases())
        pipeline = self._redis.pipeline(transaction=False)
        for identifier in identifiers:
            pipeline.hmget(self._kind.record(identifier), "owner", "token")
        answers = zip(identifiers, pipeline.execute(), strict=True)
        return {identifier: (owner.decode(), int(token)) for identifier, (owner, token) in answers if owner and token}

    def waiting(self) -> int:
        """How many wait."""
        return int(self._redis.zcard(self._kind.with_status("queued")))

    def waiting_since(self) -> int | None:
        """When the one that waits longest was made, in milliseconds of Redis's own clock; None: none waits."""
        first: Any = self._redis.zrange(self._kind.with_status("queued"), 0, 0)
        made: Any = self._redis.hget(self._kind.record(first[0].decode()), "created_at") if first else None
        return None if made is None else int(made)

    def now(self) -> int:
        """Milliseconds of Redis's own clock."""
        seconds, microseconds = self._redis.time()
        return int(seconds) * 1000 + int(microseconds) // 1000

    def holds(self, identifier: str, token: int) -> bool:
        """Whether the owner with this token still has the job."""
        status, current = self._redis.hmget(self._kind.record(identifier), "status", "token")
        return bool(status == b"running" and current is not None and int(current) == token)

    def _decode(self, identifier: str, answer: Mapping[Any, Any]) -> Hash:
        if not answer:
            raise NotFoundError(self._kind.noun, identifier)
        return records.decode(answer)

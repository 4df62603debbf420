"""The state machine of a record that a worker runs: queued → running → succeeded | failed | cancelled.

A record that waits for children goes from running to waiting, and back to queued when they have ended. All kinds share
this. The record is the truth; a message is only a wake-up. Each step is one Lua script (`store/scripts`), so it happens
whole or not at all.
"""

import hashlib
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Final, Literal, cast

import orjson
from redis import Redis

from worker.errors import (
    IdempotencyConflictError,
    InUseError,
    LeaseLostError,
    NotFoundError,
    NotKeptError,
    QueueFullError,
)
from worker.observability import tracing
from worker.store import keys, records
from worker.store.claim import Claim, NewModel, NewRecord, Record
from worker.store.durable import Durable
from worker.store.maintenance import RecordMaintenance
from worker.store.metrics import Metrics
from worker.store.records import Hash
from worker.store.scripts import run
from worker.store.status import WAITING, Status, statuses_of
from worker.work.kind import Kind

MOST_WITHDRAWN: Final = 1000
"""Records that are kept of those that were cancelled before any worker took them; the oldest go first."""

OTHER_BODY: Final = "this Idempotency-Key was used with another body"


class RecordStore(RecordMaintenance[Record]):
    """All records of one kind, and the steps of their life."""

    def __init__(
        self,
        redis: Redis,
        metrics: Metrics,
        kind: Kind,
        parse: Callable[[Hash], Record],
        *,
        retention_seconds: int = 0,
        withdrawn_retention_seconds: int = 0,
        replicas: int = 0,
    ) -> None:
        """How long records are kept, and how safely.

        Args:
            retention_seconds: how long a finished one is kept; 0: until it is deleted
            withdrawn_retention_seconds: how long one that was cancelled before any worker took it
            replicas: see `Durable`

        """
        super().__init__(redis, metrics, kind, parse, retention_ms=retention_seconds * 1000)
        self._withdrawn_retention = min(withdrawn_retention_seconds * 1000, self._retention)
        self._durable = Durable(redis, replicas=replicas)

    def add(
        self,
        record: Mapping[str, str | bytes],
        *,
        identifier: str | None = None,
        most_queued: int,
        idempotency_key: str | None = None,
        fingerprint: str = "",
        idempotency_seconds: int = 1,
        shares: str | None = None,
        with_others: bool = False,
    ) -> tuple[Record, bool]:
        """Write a new record, queued, or find the one that the same idempotency key made.

        Args:
            record: the fields that are its own
            identifier: its ID; a new one when not given
            most_queued: how many may wait
            idempotency_key: names the request, so that it may be sent again
            fingerprint: hash of the request that asks for it, compared when `idempotency_key` comes again
            idempotency_seconds: how long the key is remembered
            shares: key of the set that it joins: those who read the same bytes
            with_others: whether somebody must be in that set already

        Returns:
            The record, and whether it is new.

        Raises:
            QueueFullError: `most_queued` wait already.
            IdempotencyConflictError: the key was used with another fingerprint.
            NotKeptError: nobody is in the set that it would join.
            NotReplicatedError: it was written, and too few replicas have it; the same key finds it.

        """
        kind, identifier = self._kind, identifier or records.new_id(self._kind.prefix)
        outcome, *values = self._durable.run(
            "create",
            [
                kind.record(identifier),
                kind.index,
                kind.with_status("queued"),
                kind.sequence,
                kind.events(identifier),
                _idempotency(idempotency_key or ""),
                *([] if shares is None else [shares]),
            ],
            identifier,
            most_queued,
            fingerprint if idempotency_key is not None else "",
            idempotency_seconds * 1000,
            int(with_others),
            *_flat({**record, **tracing.carried()}),
        )
        if outcome == b"full":
            raise self._full(values[0], most_queued)
        if outcome == b"conflict":
            raise IdempotencyConflictError(OTHER_BODY)
        if outcome == b"alone":
            raise NotKeptError("what it would read is not kept any more")
        fields: list[bytes] = values[0]
        return self._parse(records.decode(dict(zip(fields[::2], fields[1::2], strict=True)))), outcome == b"created"

    @staticmethod
    def fields(request: Mapping[str, Any]) -> dict[str, str | bytes]:
        """The own fields of a new record, of what is asked for; other work can ask only for kinds that say them."""
        raise NotImplementedError(f"other work cannot ask for this: {request}")

    def check_queue(self, most_queued: int) -> None:
        """Raise QueueFullError where `most_queued` wait already; `add` looks again, in one step with its writing."""
        if (waiting := self.waiting()) >= most_queued:
            raise self._full(waiting, most_queued)

    def _full(self, waiting: int, most_queued: int) -> QueueFullError:
        return QueueFullError(f"{waiting} {self._kind.plural} wait already; at most {most_queued} may")

    def made_by(self, idempotency_key: str, fingerprint: str) -> Record | None:
        """The record that this key made already; None where it made none yet, or that is deleted.

        Raises:
            IdempotencyConflictError: the key was used with another fingerprint.

        """
        identifier, earlier = self._durable.read("HMGET", _idempotency(idempotency_key), "id", "fingerprint")
        if identifier is None:
            return None
        try:
            record = self.get(identifier.decode())
        except NotFoundError:
            return None
        if earlier.decode() != fingerprint:
            raise IdempotencyConflictError(OTHER_BODY)
        return record

    def claim(self, owner: str, lease_ms: int) -> Claim[Record] | None:
        """Become the owner of the record that waits longest; None when none waits."""
        kind = self._kind
        answer = run(
            self._redis,
            "claim",
            [kind.with_status("queued"), kind.with_status("running"), kind.leases],
            owner,
            lease_ms,
            kind.record(""),
            kind.events("").removeprefix(kind.record("")),
        )
        if answer is None:
            return None
        identifier, token = answer[0].decode(), int(answer[1])
        record = self._decode(identifier, self._redis.hgetall(kind.record(identifier)))
        traceparent = records.text(record, tracing.TRACEPARENT)
        self._metrics.attempts.labels(kind.plural).inc()
        if token == 1:
            created, started = records.utc(record["created_at"]), records.utc(record["started_at"])
            self._metrics.wait_seconds.labels(kind.plural).observe((started - created).total_seconds())
            tracing.waited("wait in queue", created, started, parent=traceparent)
        return Claim(self._parse(record), token, traceparent=traceparent)

    def renew(self, claim: Claim[Record], lease_ms: int) -> bool:
        """Say that the owner lives. True: someone asked for the job's end.

        Raises:
            LeaseLostError: the job has another owner, or none, by now.

        """
        identifier = claim.record.id
        own_keys = [self._kind.record(identifier), self._kind.leases]
        answer = run(self._redis, "renew", own_keys, identifier, claim.token, lease_ms)
        if answer == b"lost":
            raise self._stale(claim)
        return bool(answer == b"cancel")

    def end(
        self,
        claim: Claim[Record],
        status: Literal["succeeded", "failed", "cancelled"],
        *,
        record: Mapping[str, str | bytes] | None = None,
        error: Mapping[str, str] | None = None,
        model: NewModel | None = None,
        figures: Mapping[str, float | str] | None = None,
    ) -> Status:
        """End the job; write more of its own fields, and its model's record, in the same step.

        `figures` say where it stands in the orders of those that have succeeded (`Kind.by`).

        Returns:
            The status that stands: 'cancelled' in place of 'succeeded' when a cancel came first (no model is written).

        Raises:
            LeaseLostError: the write was refused.
            NotReplicatedError: it was written, and too few replicas have it; ended again it gives the same answer.

        """
        kind, identifier = self._kind, claim.record.id
        own = _flat(record or {})
        answer = self._durable.run(
            "finish",
            [
                kind.record(identifier),
                kind.events(identifier),
                kind.leases,
                kind.with_status("running"),
                kind.with_status(status),
                kind.with_status("cancelled"),
                keys.model(model.id if model else ""),
                keys.MODELS,
                keys.MODEL_SEQUENCE,
                *map(kind.by, figures or ()),
            ],
            identifier,
            claim.token,
            status,
            orjson.dumps(error) if error is not None else "",
            self._retention,
            model.id if model else "",
            len(own),
            *own,
            *(figures or {}).values(),
            *_flat(model.record if model else {}),
        )
        if answer is None:
            raise self._stale(claim)
        self._count_end(claim, answer.decode())
        return cast(Status, answer.decode())

    def release(self, claim: Claim[Record], *, reason: str = "the worker shut down") -> None:
        """Put a running job back, for a reason that is not its own: that is no failed attempt.

        Raises:
            LeaseLostError: the write was refused.

        """
        kind, identifier = self._kind, claim.record.id
        if not run(
            self._redis,
            "release",
            [
                kind.record(identifier),
                kind.events(identifier),
                kind.leases,
                kind.with_status("running"),
                kind.with_status("queued"),
            ],
            identifier,
            claim.token,
            reason,
        ):
            raise self._stale(claim)
        self._count_end(claim, "released")

    def wait_for(self, claim: Claim[Record], children: Sequence[NewRecord]) -> Literal["waiting", "queued", "running"]:
        """Give the record up until its children have ended; they are written in the same step.

        Returns:
            'waiting'; 'queued' where no child has to be waited for; 'running' when a cancel came first: nothing was
            written then, and the record is the caller's to end.

        Raises:
            LeaseLostError: the write was refused.

        """
        kind, identifier = self._kind, claim.record.id
        parts: list[str | bytes | int] = []
        for child in children:
            fields = _flat(child.fields)
            parts += [child.id, child.kind.record(""), child.kind.index, len(fields), *fields]
        answer = self._durable.run(
            "wait",
            [
                kind.record(identifier),
                kind.events(identifier),
                kind.leases,
                kind.with_status("running"),
                kind.children(identifier),
            ],
            identifier,
            claim.token,
            kind.index,
            *parts,
        )
        if answer is None:
            raise self._stale(claim)
        if answer != b"running":
            self._count_end(claim, WAITING)
        return cast(Literal["waiting", "queued", "running"], answer.decode())

    def cancel(self, identifier: str) -> Record:
        """Ask for a record's end; a finished one comes back unchanged. One that waits ends with its children.

        Raises:
            NotFoundError: there is no such record.
            NotReplicatedError: it was written, and too few replicas have it.

        """
        kind = self._kind
        self._durable.run(
            "cancel",
            [
                kind.record(identifier),
                kind.events(identifier),
                kind.with_status("queued"),
                kind.with_status("cancelled"),
                kind.index,
                kind.withdrawn,
                kind.with_status(WAITING),
            ],
            identifier,
            self._retention,
            self._withdrawn_retention,
            MOST_WITHDRAWN,
            kind.record(""),
        )
        return self.get(identifier)

    def delete_record(self, identifier: str, *, unless: Collection[str]) -> None:
        """Take a record away with its events; the bytes that belong to it are the caller's to delete then.

        Raises:
            NotFoundError: there is no such record.
            InUseError: it is in a state of `unless`.

        """
        kind = self._kind
        states = map(kind.with_status, statuses_of(kind))
        orders = map(kind.by, kind.figures)
        own_keys = [kind.record(identifier), kind.events(identifier), kind.index, kind.leases, *states, *orders]
        outcome, *values = run(self._redis, "delete_record", own_keys, identifier, *unless)
        if outcome == b"missing":
            raise NotFoundError(kind.noun, identifier)
        if outcome == b"stays":
            raise InUseError(
                f"the {kind.noun} {identifier!r} is {values[0].decode()}: it can be deleted when it has ended"
            )

    def _count_end(self, claim: Claim[Record], outcome: str) -> None:
        self._metrics.attempts_ended.labels(self._kind.plural, outcome).inc()
        self._metrics.run_seconds.labels(self._kind.plural).observe(time.monotonic() - claim.taken)
        self._metrics.try_to_flush()

    def _stale(self, claim: Claim[Record]) -> LeaseLostError:
        return LeaseLostError(f"{self._kind.noun} {claim.record.id}: token {claim.token} is stale")


def _idempotency(idempotency_key: str) -> str:
    return keys.idempotency(hashlib.sha256(idempotency_key.encode()).hexdigest())


def _flat(record: Mapping[str, str | bytes]) -> list[str | bytes]:
    return [part for pair in record.items() for part in pair]

"""Runs work whose kind names a function: `run(work: Run) -> Outcome`."""

import hashlib
from collections.abc import Callable
from pkgutil import resolve_name
from typing import Any, cast

from pydantic import BaseModel

from worker import work
from worker.runtime.limits import Limits
from worker.runtime.runner import Attempt, Attempts, Tools
from worker.store.claim import NewRecord
from worker.store.work_records import WorkRecord, WorkRecords
from worker.work.kind import Kind
from worker.work.outcome import Done, NewWork, Outcome, WaitFor


class Run:
    """The work in hand, as its function sees it."""

    def __init__(self, attempt: Attempt[WorkRecord], kind: Kind, tools: Tools) -> None:
        self._attempt = attempt
        self._kind = kind
        self.store = tools.store
        self.settings = tools.settings
        self.log = attempt.log

    @property
    def record(self) -> WorkRecord:
        """As it was when it was claimed."""
        return self._attempt.claim.record

    @property
    def request(self) -> Any:
        """What was asked for, of the type that its kind names."""
        return cast(type[BaseModel], self._kind.request).model_validate(self.record.request)

    def should_stop(self) -> bool:
        """Whether to stop and give `Released()`: the end was asked for, the lease is lost, or the worker shuts down."""
        return self._attempt.should_stop()

    def lift_limits(self) -> None:
        """Bound this process no more: it waits for a child, which has bounds of its own, and would inherit these."""
        self._attempt.limits.lift()

    def progress(self, **said: Any) -> None:
        """Tell those who look how far it is."""
        own = cast(WorkRecords, self.store.records(self._kind))
        self._attempt.write(lambda: own.report(self._attempt.claim, said))

    def children(self) -> list[Any]:
        """The records of the children that it has waited for, in the order in which it asked for them."""
        return self.store.get_all(self.store.records(self._kind).children(self.record.id))


class FunctionRunner:
    """Runs the records of one such kind, one at a time."""

    def __init__(self, tools: Tools, kind: Kind) -> None:
        self._tools = tools
        self._store = tools.store
        self._kind = kind
        self._records = cast(WorkRecords, tools.store.records(kind))
        self._function: Callable[[Run], Outcome] = resolve_name(kind.run)
        settings = tools.settings
        self._attempts = Attempts(
            self._records,
            tools,
            limits=lambda: Limits(memory_bytes=settings.max_job_memory_bytes, seconds=settings.max_job_seconds),
        )

    def run(self) -> None:
        """Run the record that waits longest, if one does; it tells how it went."""
        self._attempts.run(self._run)

    def tidy(self) -> None:
        """Forget what has expired."""
        self._records.forget_expired()

    def _run(self, attempt: Attempt[WorkRecord]) -> None:
        claim = attempt.claim
        outcome = self._function(Run(attempt, self._kind, self._tools))
        if attempt.lease.cancelled.is_set():
            attempt.end(lambda: self._records.end(claim, "cancelled"))
        elif isinstance(outcome, Done):
            done = outcome
            attempt.end(lambda: self._records.done(claim, done))
        elif isinstance(outcome, WaitFor):
            self._wait(attempt, outcome)
        else:
            attempt.check_lease()
            attempt.end(lambda: self._records.release(claim))

    def _wait(self, attempt: Attempt[WorkRecord], outcome: WaitFor) -> None:
        claim = attempt.claim
        begun = len(self._records.children(claim.record.id))
        children = [self._new(claim.record.id, begun + number, new) for number, new in enumerate(outcome.children)]
        status = attempt.end(lambda: self._records.wait_for(claim, children))
        if status == "running":
            attempt.end(lambda: self._records.end(claim, "cancelled"))
            return
        for child in children:
            self._tools.wake(child.kind.queue)
        attempt.log.info("waits for its children", extra={"count": len(children)})

    def _new(self, parent: str, number: int, new: NewWork) -> NewRecord:
        """A child under an ID that follows from its parent's and its number: written twice it is one."""
        kind = work.KINDS[new.kind]
        identifier = hashlib.sha256(f"{parent}.{number}".encode()).hexdigest()[:24]
        fields = self._store.records(kind).fields(new.request.model_dump(mode="json"))
        return NewRecord(f"{kind.prefix}_{identifier}", kind, fields)

"""The states of a record that a worker runs."""

from typing import Final, Literal

from worker.work.kind import Kind

Status = Literal["queued", "running", "waiting", "succeeded", "failed", "cancelled"]
STATUSES: Final[tuple[Status, ...]] = ("queued", "running", "succeeded", "failed", "cancelled")
WAITING: Final[Status] = "waiting"
"""Of a record that waits for its children; jobs, data sets and predictions never do."""
FINISHED: Final = frozenset({"succeeded", "failed", "cancelled"})


def statuses_of(kind: Kind) -> tuple[Status, ...]:
    """The states in which a record of this kind can be: only work that a function runs waits for children."""
    return (*STATUSES, WAITING) if kind.run else STATUSES

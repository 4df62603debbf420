"""What a kind of work is: how its records are called, on which queue they wait, and what runs them.

A new kind is a module of this package with a `KIND`, and nothing else. Everything that is done for all kinds (indexes,
wake-ups, leases, recovery, metrics) goes over `worker.work.KINDS`.
"""

from dataclasses import dataclass
from typing import Final

from pydantic import BaseModel

PREFIX: Final = "neurond:"
"""What all keys in Redis begin with."""

TRAINING: Final = "training"
PREDICTION: Final = "prediction"
FILES: Final = "files"
MODELS: Final = "models"
"""Apart from `files`, so that nobody who waits for a model waits behind an upload."""
QUEUES: Final = (TRAINING, PREDICTION, FILES, MODELS)


@dataclass(frozen=True)
class Kind:
    """One kind of record that waits, is claimed by a worker, runs and ends (`worker.store.record_store`)."""

    noun: str
    plural: str
    prefix: str
    """What its IDs begin with."""
    queue: str
    """Where its wake-ups go. Kinds that share a queue are served by age."""
    runner: str = "worker.runtime.function_runner:FunctionRunner"
    """`module:class` of what runs its records (`worker.runtime.runner.Runner`); imported in a worker alone."""
    run: str = ""
    """`module:function` for the runner of functions; such a kind has an API of its own accord (`api.work_routes`)."""
    request: type[BaseModel] | None = None
    """What is asked for, where it is run by a function."""
    awaited: bool = False
    """Whether the request that asks for it waits for its end: it has no API of its own, and its record is soon gone."""
    figures: tuple[str, ...] = ()
    """By which those that have succeeded can be sorted."""
    background: bool = False
    """Whether it runs behind everything that somebody waits for."""
    title: str = ""
    """What its records are called together; by default the plural."""

    @property
    def index(self) -> str:
        """Sorted set: ID → place in the order of creation."""
        return PREFIX + self.plural

    @property
    def sequence(self) -> str:
        """Counter behind those places."""
        return f"{self.index}:sequence"

    @property
    def leases(self) -> str:
        """Sorted set: ID of a running one → when its lease ends, in milliseconds of Redis's own clock."""
        return f"{self.index}:leases"

    @property
    def withdrawn(self) -> str:
        """Sorted set: ID of one that was cancelled before any worker took it → when, in µs of Redis's own clock."""
        return f"{self.index}:withdrawn"

    def record(self, identifier: str) -> str:
        """Hash: the record, the truth about it. A colon in an ID leads to no other key of a record."""
        return f"{PREFIX}{self.noun}:{identifier.replace(':', '%3A')}"

    def events(self, identifier: str) -> str:
        """Stream: what happened to it, in order."""
        return f"{self.record(identifier)}:events"

    def children(self, identifier: str) -> str:
        """List: the keys of the children that it has waited for, oldest first."""
        return f"{self.record(identifier)}:children"

    def with_status(self, status: str) -> str:
        """Sorted set: the part of the index in this state."""
        return f"{self.index}:{status}"

    def by(self, figure: str) -> str:
        """Sorted set: ID of one that has succeeded → this figure of it, which is written once."""
        return f"{self.index}:by:{figure}"

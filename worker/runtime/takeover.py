"""A worker that is started where another of its name has died puts back what that one left, and waits for no lease.

Two containers may have one host name, and the same process IDs, so neither says who lives: signs in Redis do. A
worker's main process signs its queues about every second, its child renews the lease of what it runs twice a second. Of
those that were there under its name when it started, a worker takes over from the ones that give no sign any more.
"""

import logging
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from redis.exceptions import RedisError

from worker.store import Store
from worker.store.record_store import RecordStore
from worker.store.workers import place_of, worker_of
from worker.work.kind import QUEUES

logger = logging.getLogger(__name__)

SILENT_SECONDS: Final = 2.5
"""Silence, by Redis's clock, after which another worker of this name counts as dead: five missed renewals."""

WATCHED_SECONDS: Final = 1.0
"""How long this worker watches another by its own clock before it counts as dead: where Redis was away, or its clock
was set, all seem silent at first, and those that live do not a moment later."""


@dataclass
class Signs:
    """What another worker of this name has shown."""

    shown: list[float] = field(default_factory=list)
    """When it signed, and when its leases end: what changes while it lives."""
    newest: float = 0.0
    """Its last sign, in milliseconds of Redis's clock."""
    claims: list[tuple[RecordStore[Any], str, int]] = field(default_factory=list)
    """What it runs: of which kind, the ID, the token."""


class Takeover:
    """What the workers that had this one's name before it have left."""

    def __init__(
        self, worker: str, *, lease_seconds: float, most_attempts: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`worker` is this one; `clock` one that is never set."""
        self._worker = worker
        self._lease_ms = lease_seconds * 1000
        self._most_attempts = most_attempts
        self._clock = clock
        self._watched: dict[str, tuple[list[float], float]] | None = None

    def look(self, store: Store) -> None:
        """Look who is there, the first time; from then on who of them is dead, until all are known to live or not."""
        if self._watched == {}:
            return
        try:
            self._look(store)
        except RedisError as error:
            logger.warning(
                "cannot look for what a worker before left; its leases will tell", extra={"error": str(error)}
            )

    def _look(self, store: Store) -> None:
        now, others = self._clock(), self._others(store)
        if self._watched is None:
            self._watched = {name: (signs.shown, now) for name, signs in others.items()}
        for name, (shown, since) in list(self._watched.items()):
            signs = others.get(name)
            if signs is None or signs.shown != shown:
                del self._watched[name]  # it has ended in order, or lives
            elif now - since >= WATCHED_SECONDS and store.jobs.now() - signs.newest >= SILENT_SECONDS * 1000:
                self._take(store, name, signs)
                del self._watched[name]

    def _others(self, store: Store) -> dict[str, Signs]:
        """Those of this name that have signed, or hold a lease."""
        others: dict[str, Signs] = defaultdict(Signs)
        for queue in QUEUES:
            for name, signed in store.workers.signatures(queue).items():
                self._add(others[name], signed, signed * 1000)
        for records in store.all_records:
            leases = records.leases()
            for identifier, (owner, token) in records.owners().items():
                if identifier in leases:
                    signs = others[worker_of(owner)]
                    self._add(signs, leases[identifier], leases[identifier] - self._lease_ms)
                    signs.claims.append((records, identifier, token))
        place = place_of(self._worker)
        return {name: signs for name, signs in others.items() if name != self._worker and place_of(name) == place}

    @staticmethod
    def _add(signs: Signs, shown: float, moment: float) -> None:
        signs.shown.append(shown)
        signs.newest = max(signs.newest, moment)

    def _take(self, store: Store, name: str, signs: Signs) -> None:
        for queue in QUEUES:
            store.workers.sign_off(queue, name)
        for records, identifier, token in signs.claims:
            reason = "its worker died and was started again"
            status = records.take_lost(
                identifier, token=token, reason=reason, log=[], most_attempts=self._most_attempts
            )
            logger.warning("left by a dead worker", extra={"record_id": identifier, "token": token, "status": status})

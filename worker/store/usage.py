"""Bytes that are kept, by the caller who brought them: uploads, arrays, models, bodies and results of predictions.

What is charged is named by the ID of its record, or for the files of an upload by `upload_of` it. It is charged before
its bytes are written, and discharged after they are deleted; a crash in between is mended by `forget_gone`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from redis import Redis

from worker.errors import QuotaExceededError, StorageFullError
from worker.store import keys
from worker.store.scripts import run

KEYS: Final = [keys.USAGE_SIZES, keys.USAGE_CALLERS, keys.USAGE_SUMS, keys.USAGE_QUOTAS, keys.USAGE_SEEN]
ALL: Final = "*"

GONE_MS: Final = 3_600_000
"""Age from which a thing without a record is taken for abandoned."""

LOOKED_AT: Final = 1000
"""Things that are looked at in one sweep, those first that were not for the longest time."""


@dataclass(frozen=True)
class Caller:
    """Who brings bytes: the digest of a key, or an address; and how many bytes it may keep."""

    name: str
    quota: int


def upload_of(upload: str) -> str:
    """What the files of an upload are charged as; the arrays that are made of them have the data set's own ID."""
    return f"upload {upload}"


IF_IT_FITS: Final = 0
WHATEVER: Final = 1
IF_ANY_IS_LEFT: Final = 2
"""When `charge.lua` notes bytes: where they fit the quota, always, or where the quota is not reached yet."""


class Usage:
    """Who keeps how much."""

    def __init__(self, redis: Redis, *, most_bytes: int) -> None:
        """`most_bytes`: that all callers may keep together; 0: any number."""
        self._redis = redis
        self._most_bytes = most_bytes

    def charge(
        self, thing: str, size: int, *, caller: Caller | None = None, like: str = "", whatever: bool = False
    ) -> None:
        """Note that `thing` has `size` bytes from now on.

        Args:
            thing: its name
            size: all its bytes, not those that are new
            caller: who brought it; None: as noted before
            like: another thing of the same caller, when nothing was noted before
            whatever: note them even if they are too many: they are there

        Raises:
            QuotaExceededError: the caller would keep more than it may.
            StorageFullError: all would.

        """
        self._charge(thing, size, caller, like, WHATEVER if whatever else IF_IT_FITS)

    def _charge(self, thing: str, size: int, caller: Caller | None, like: str, rule: int) -> None:
        name, quota = ("", "") if caller is None else (caller.name, str(caller.quota))
        arguments = (thing, size, name, quota, like, self._most_bytes, rule)
        outcome, *values = run(self._redis, "charge", KEYS, *arguments)
        if outcome == b"quota":
            raise QuotaExceededError(*values)
        if outcome == b"full":
            raise StorageFullError(
                f"{values[0]} bytes are kept, and {self._most_bytes} may be (NEUROND_MAX_KEPT_BYTES): delete some"
            )

    def begin(self, thing: str, *, caller: Caller) -> None:
        """Note who brought something of which only a worker will know how many bytes it has.

        Raises:
            QuotaExceededError: the caller keeps as much as it may already.

        """
        self._charge(thing, 0, caller, "", IF_ANY_IS_LEFT)

    def check(self, *, caller: Caller | None = None, thing: str = "") -> None:
        """Raise QuotaExceededError when a caller, or the one who brought `thing`, has reached its quota."""
        name: Any = self._redis.hget(keys.USAGE_CALLERS, thing) if caller is None else caller.name
        if not name:
            return
        quota: Any = self._redis.hget(keys.USAGE_QUOTAS, name) if caller is None else caller.quota
        kept = int(self._redis.hget(keys.USAGE_SUMS, name) or 0)
        if quota is not None and kept >= int(quota):
            raise QuotaExceededError(kept, int(quota))

    def discharge(self, thing: str) -> None:
        """It is not kept any more; it is no error when it never was."""
        run(self._redis, "discharge", KEYS, thing)

    def kept(self, caller: str = ALL) -> int:
        """Bytes that a caller keeps, or all."""
        return int(self._redis.hget(keys.USAGE_SUMS, caller) or 0)

    def forget_gone(self, is_there: Callable[[str], bool]) -> int:
        """Discharge what has no record, and say how many things that were."""
        seconds, _ = self._redis.time()
        now = int(seconds) * 1000
        old: Any = self._redis.zrange(
            keys.USAGE_SEEN, "-inf", str(now - GONE_MS), byscore=True, offset=0, num=LOOKED_AT
        )
        gone = 0
        for thing in (member.decode() for member in old):
            if is_there(thing):
                self._redis.zadd(keys.USAGE_SEEN, {thing: now}, xx=True)
            else:
                self.discharge(thing)
                gone += 1
        return gone

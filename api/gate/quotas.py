"""How much a caller may keep: nothing is written before it is charged."""

from flask import g

from api.gate.auth import caller
from api.services import services
from worker.store.usage import Caller


def who_keeps() -> Caller:
    """The caller of this request, with its quota."""
    settings = services().settings
    quota = settings.read_key_quota_bytes if g.get("reads_only") else settings.key_quota_bytes
    return Caller(caller(), quota)


def charge(thing: str, size: int, *, new: int | None = None) -> None:
    """Charge the caller for `size` bytes of something, of which `new` (None: all) are about to be written.

    Raises:
        QuotaExceededError: it keeps too much already.
        StorageFullError: all do, or the disk is nearly full.

    """
    store = services().store
    store.space.check(size if new is None else new)
    store.usage.charge(thing, size, caller=who_keeps())


def note(thing: str) -> None:
    """Note who brought something of which only a worker will know how many bytes it has."""
    services().store.usage.charge(thing, 0, caller=who_keeps())


def begin(thing: str) -> None:
    """`check` and `note` in one step."""
    store = services().store
    store.space.check()
    store.usage.begin(thing, caller=who_keeps())


def check() -> None:
    """Raise what `charge` raises, for bytes of which only a worker will know how many they are."""
    store = services().store
    store.space.check()
    store.usage.check(caller=who_keeps())

"""The kinds of work, one module each: they are found by looking into this package."""

from importlib import import_module
from pkgutil import iter_modules
from typing import Final

from worker.work.kind import Kind

KINDS: Final[dict[str, Kind]] = {
    kind.noun: kind
    for module in sorted(found.name for found in iter_modules(__path__))
    if isinstance(kind := getattr(import_module(f"{__name__}.{module}"), "KIND", None), Kind)
}
"""By noun."""


def on(queue: str) -> list[Kind]:
    """The kinds whose records wait on this queue."""
    return [kind for kind in KINDS.values() if kind.queue == queue]


def kind_of(identifier: str) -> Kind:
    """The kind of the record that has this ID.

    Raises:
        KeyError: no kind's IDs begin so.

    """
    prefix = identifier.partition("_")[0]
    for kind in KINDS.values():
        if kind.prefix == prefix:
            return kind
    raise KeyError(prefix)

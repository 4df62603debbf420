"""Checks of single choices, all with the same form of message: what, what was expected, what came."""

import math
from collections.abc import Collection, Mapping
from typing import Any, TypeVar

from nn.errors import SpecError

T = TypeVar("T")


def lookup(table: Mapping[str, T], name: object, what: str) -> T:
    """The entry of `table` called `name`; SpecError with the known names if there is none."""
    if not isinstance(name, str) or name not in table:
        raise SpecError(f"{what}: expected one of {', '.join(sorted(table))}, got {name!r}")
    return table[name]


def options(config: object, what: str) -> dict[str, Any]:
    """The options of a part that is named alone, "adam", or with options, {"name": "adam", …}; SpecError."""
    if isinstance(config, str):
        return {"name": config}
    if not isinstance(config, Mapping):
        raise SpecError(f"{what}: expected a name, or a dict with a name and options, got {config!r}")
    return dict(config)


def integer(value: object, what: str, *, least: int = 1, most: int | None = None) -> int:
    """`value` as a whole number of at least `least`, and at most `most` where that is given."""
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise SpecError(f"{what}: expected a whole number of at least {least}, got {value!r}")
    if most is not None and value > most:
        raise SpecError(f"{what}: expected a whole number of at most {most}, got {value}")
    return value


def real(
    value: object,
    what: str,
    *,
    least: float = 0.0,
    above: float | None = None,
    below: float = math.inf,
    most: float = math.inf,
) -> float:
    """`value` as a finite number, ≥ `least` (or > `above`, when given), < `below` and ≤ `most`."""
    low = f"above {above:g}" if above is not None else f"of at least {least:g}"
    high = f" and below {below:g}" if below < math.inf else f" and at most {most:g}" if most < math.inf else ""
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        reaches = value > above if above is not None else value >= least
        if reaches and value < below and value <= most:
            return float(value)
    raise SpecError(f"{what}: expected a number {low}{high}, got {value!r}")


def flag(value: object, what: str) -> bool:
    """`value` as a bool; nothing else is taken for one."""
    if not isinstance(value, bool):
        raise SpecError(f"{what}: expected true or false, got {value!r}")
    return value


def known_keys(keys: Mapping[str, Any], allowed: Collection[str], what: str) -> None:
    """SpecError when `keys` has one that is not in `allowed`."""
    for key in keys:
        if key not in allowed:
            raise SpecError(f"{what}: unknown option {key!r}, expected {', '.join(sorted(allowed)) or 'none'}")

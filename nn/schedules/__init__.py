"""Schedules: how the learning rate goes over the epochs. A new one is one class, in a file of its own."""

from collections.abc import Mapping
from typing import Any

from nn import checks, registry
from nn.errors import SpecError
from nn.schedules.base import Schedule

SCHEDULES: dict[str, type[Schedule]] = registry.classes(__name__, Schedule)

__all__ = ["SCHEDULES", "Schedule", "schedule_from"]


def schedule_from(config: str | Mapping[str, Any] | None, epochs: int) -> Schedule:
    """A schedule from {"name": "cosine", …} or its name, None being constant; SpecError if `epochs` are too few."""
    options = checks.options("constant" if config is None else config, "schedule")
    schedule = checks.lookup(SCHEDULES, options.pop("name", None), "schedule")(**options)
    for name, declared in schedule.options.items():
        if declared.less_than == "epochs" and getattr(schedule, name) >= epochs:
            raise SpecError(
                f"{schedule.kind} {name}: expected less than the {epochs} epochs, got {getattr(schedule, name):g}"
            )
    return schedule

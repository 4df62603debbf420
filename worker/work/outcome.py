"""What a function that runs work gives back: it is done, or waits for others, or is put back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel


@dataclass(frozen=True)
class Done:
    """The work is done."""

    result: Mapping[str, Any]
    model: Mapping[str, str] | None = None
    """The record of the model that it made (`worker.store.models.describe`); the result has its `model_id`."""


@dataclass(frozen=True)
class NewWork:
    """Work that a parent wants done: what is asked of a kind, named by its noun."""

    kind: str
    request: BaseModel


@dataclass(frozen=True)
class WaitFor:
    """Go on when these have ended. No worker is occupied meanwhile; then the function is called again."""

    children: Sequence[NewWork]


@dataclass(frozen=True)
class Released:
    """Put back, to be run from the beginning: the function was told to stop."""


Outcome = Done | WaitFor | Released

"""What the parts of a spec have in common: unknown fields are refused, types are not guessed, numbers are finite."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Fraction = Annotated[float, Field(strict=True, ge=0, lt=1)]


class Part(BaseModel):
    """A part of a spec: unknown fields are refused, types are not guessed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

"""What the parts of a spec have in common: unknown fields are refused, types are not guessed, numbers are finite."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Fraction = Annotated[float, Field(strict=True, ge=0, lt=1)]
Width = Annotated[int, Field(strict=True, ge=1, le=8192)]
Pixels = Annotated[int, Field(strict=True, ge=1, le=1024)]
Positive = Annotated[float, Field(strict=True, gt=0, allow_inf_nan=False)]
NotNegative = Annotated[float, Field(strict=True, ge=0, allow_inf_nan=False)]
OpenFraction = Annotated[float, Field(strict=True, gt=0, lt=1)]
AtLeastOne = Annotated[float, Field(strict=True, ge=1, allow_inf_nan=False)]
Epochs = Annotated[int, Field(strict=True, ge=1, le=10_000)]


class Part(BaseModel):
    """A part of a spec: unknown fields are refused, types are not guessed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

"""Images a little different each time they are seen: the distortions of `nn.data.augmentation`, with their defaults."""

from typing import Annotated

from pydantic import Field

from worker.jobspec.types import Fraction, NotNegative, Part, Positive


class Augmentation(Part):
    """Random distortions, drawn anew for each image; what is zero is left out. Images only."""

    shift: Annotated[float, Field(strict=True, ge=0, lt=1024)] = Field(0.0, description="up to so many pixels each way")
    rotate: Annotated[float, Field(strict=True, ge=0, le=180)] = Field(0.0, description="up to so many degrees")
    scale: Fraction = Field(0.0, description="up to this share larger or smaller, each way by itself")
    shear: Fraction = 0.0
    elastic_alpha: NotNegative = Field(0.0, description="strength of the elastic deformation; 34 suits 28×28 digits")
    elastic_sigma: Positive = Field(4.0, description="its smoothness, in pixels")

"""A name that stands for a model."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StrictStr

from api.schemas.common import Answered, ListOf, Recorded, computed
from worker.jobspec.types import Part


class AliasSpec(Part):
    """The body of `PUT /v1/aliases/{name}`."""

    model_id: Annotated[StrictStr, Field(max_length=100, description="the model that the name stands for from now on")]


class AliasUrls(Answered):
    """Where to go on."""

    self: str
    model: str


class Alias(Recorded):
    """A name, and the model that it stands for now."""

    name: str
    object: Literal["alias"] = "alias"
    model_id: str
    created_at: datetime
    updated_at: datetime
    urls: AliasUrls = computed(
        lambda alias: AliasUrls(self=f"/v1/aliases/{alias['name']}", model=f"/v1/models/{alias['model_id']}")
    )


class AliasList(ListOf[Alias]):
    """Aliases, the newest name first."""

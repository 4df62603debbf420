"""A name that stands for a model."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import ConfigDict, Field, StrictStr

from api.schemas.common import Answered, ListOf
from worker.jobspec.types import Part

if TYPE_CHECKING:
    from worker.store import aliases as records


class AliasSpec(Part):
    """The body of `PUT /v1/aliases/{name}`."""

    model_id: Annotated[StrictStr, Field(max_length=100, description="the model that the name stands for from now on")]


class AliasUrls(Answered):
    """Where to go on."""

    self: str
    model: str


class Alias(Answered):
    """A name, and the model that it stands for now."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "digits",
                    "object": "alias",
                    "model_id": "model_7b1e0d9c8f7a6b5c4d3e2f10",
                    "created_at": "2026-11-24T12:00:04.000000Z",
                    "updated_at": "2026-11-24T12:00:04.000000Z",
                    "urls": {"self": "/v1/aliases/digits", "model": "/v1/models/model_7b1e0d9c8f7a6b5c4d3e2f10"},
                }
            ]
        }
    )

    name: str
    object: Literal["alias"]
    model_id: str
    created_at: datetime
    updated_at: datetime
    urls: AliasUrls

    @classmethod
    def of(cls, record: records.Alias) -> Self:
        """The alias of a record."""
        return cls(
            name=record.name,
            object="alias",
            model_id=record.model_id,
            created_at=record.created_at,
            updated_at=record.updated_at,
            urls=AliasUrls(self=f"/v1/aliases/{record.name}", model=f"/v1/models/{record.model_id}"),
        )


class AliasList(ListOf[Alias]):
    """Aliases, the newest name first."""

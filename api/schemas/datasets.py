"""What there is to learn from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field, WithJsonSchema

from api.schemas.common import DEFAULT_LIMIT, MAX_LIMIT, Answered, Query, Whole

if TYPE_CHECKING:
    from worker.store import builtin as records


Numbers = Annotated[list[Any], WithJsonSchema({"type": "array", "items": {"type": "number"}})]
"""Numbers from our own store, which are not looked at one by one again."""


class SamplesQuery(Query):
    """Which rows."""

    split: Literal["train", "test"] = "train"
    offset: Whole = Field(0, ge=0, le=10**9, description="the first row, from 0")
    limit: Whole = Field(DEFAULT_LIMIT, ge=1, le=MAX_LIMIT, description="how many at most")


class Sample(Answered):
    """A row with its label."""

    index: int
    x: Numbers
    y: int | float

    @classmethod
    def of(cls, record: records.Sample) -> Self:
        """The sample of a record."""
        return cls(index=record.index, x=record.x, y=record.y)


class SampleList(Answered):
    """Rows with their labels; fewer where the data set ends."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"data": [{"index": 0, "x": [0, 18, 255], "y": 7}]}]})

    data: list[Sample]

"""What the shapes have in common."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final, Generic, Literal, Protocol, TypeVar

import orjson
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, GetJsonSchemaHandler
from pydantic_core import CoreSchema

from worker.errors import codes
from worker.jobspec import CATALOGUE

FILE: Final = {"type": "string", "format": "binary", "minLength": 1, "contentMediaType": "application/octet-stream"}
"""The JSON Schema of a file in a form. Generators of clients know bytes by `format`, OpenAPI 3.1 by the media type."""

MAX_LIMIT: Final = 100
DEFAULT_LIMIT: Final = 20
MAX_LISTED_BYTES: Final = 16 * 1024
"""Of the long fields of one entry in a list, as JSON."""

Item = TypeVar("Item", bound=BaseModel)


ErrorCode = Annotated[
    str, Field(description=", ".join(f"`{code}`" for code in sorted(codes() | set(CATALOGUE["errors"]))))
]
"""What the `error` of a record says: that of a job, a data set or a prediction."""


class _Named(Protocol):
    @property
    def name(self) -> str | None: ...


class Answered(BaseModel):
    """An answer. Fields that a later server adds are kept, so that an earlier client passes them on."""

    model_config = ConfigDict(extra="allow", from_attributes=True)

    def __getitem__(self, name: str) -> Any:
        """A field as the JSON that it is on the way: `job["progress"]["epoch"]`."""
        return self.model_dump(mode="json")[name]


class Recorded(Answered):
    """An answer that is made of a record: `Job.model_validate(record)` takes what has the names of its fields.

    Every field is in every answer; a default is for what the record does not say.
    """


def computed(function: Callable[[dict[str, Any]], Any], description: str | None = None) -> Any:
    """A field that is worked out of those before it. Where an answer is read, it is as it came."""
    return Field(default_factory=function, description=description)


class Query(BaseModel):
    """Parameters of a query: unknown ones are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Headers(BaseModel):
    """Headers that a route reads. Whatever else a client sends is left alone."""

    model_config = ConfigDict(extra="ignore", frozen=True)


def _digits(given: Any) -> Any:
    """Plain digits and nothing else: `int` would take `+1`, `1_0` and blanks too."""
    if isinstance(given, str):
        if not (given.isascii() and given.isdigit() and len(given) <= 10):
            raise ValueError("expected a whole number")
        return int(given)
    return given


Whole = Annotated[int, BeforeValidator(_digits)]
"""A whole number in a query."""


class PageQuery(Query):
    """Which part of a list."""

    limit: Whole = Field(DEFAULT_LIMIT, ge=1, le=MAX_LIMIT, description="how many at most")
    after: str | None = Field(None, description="the last ID of the page before")


class NamedPageQuery(PageQuery):
    """Which part of a list, or of those that have one name."""

    name: str | None = Field(None, description="keeps those of this name; several may have it")

    @property
    def keep(self) -> Callable[[_Named], bool] | None:
        """Whether a record is one of them; None: all are."""
        return None if self.name is None else lambda record: record.name == self.name


class ListOf(Recorded, Generic[Item]):
    """A part of a list, made of a store's page."""

    object: Literal["list"] = "list"
    data: list[Item]
    has_more: bool = Field(description="whether there is a page after this one: `?after=<last id>`")


def is_long(fields: Mapping[str, Any]) -> bool:
    """Whether these fields of an entry are more than a list has room for."""
    return len(orjson.dumps(fields)) > MAX_LISTED_BYTES


class DescribedAs:
    """Says that a field that is not checked looks like a model: `Annotated[dict[str, Any], DescribedAs(Spec)]`."""

    def __init__(self, model: type[BaseModel]) -> None:
        self._model = model

    def __get_pydantic_json_schema__(self, _: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return handler(self._model.__pydantic_core_schema__)

"""What can be asked for, as `nn` declares it: models of pydantic made of `catalogue.json`.

`python -m nn.catalogue` writes that file; the API must not import NumPy, and so not `nn`.
"""

import operator
from collections.abc import Iterable, Mapping
from functools import reduce
from importlib import resources
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, Literal, Self

import orjson
from pydantic import Field, StrictBool, create_model, model_validator

from worker.jobspec.types import Part

CATALOGUE: Final[dict[str, Any]] = orjson.loads(resources.files(__package__).joinpath("catalogue.json").read_bytes())

BOUNDS: Final = {
    "minimum": "ge",
    "exclusiveMinimum": "gt",
    "maximum": "le",
    "exclusiveMaximum": "lt",
    "minItems": "min_length",
    "maxItems": "max_length",
}
"""What pydantic calls the bounds of JSON Schema."""


class Row(Part):
    """A part of a spec that the catalogue describes."""

    options: ClassVar[Mapping[str, Mapping[str, Any]]] = {}

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...

    @model_validator(mode="after")
    def _options_have_what_they_need(self) -> Self:
        for name, option in self.options.items():
            if "needs" in option and getattr(self, name) and not getattr(self, option["needs"]):
                raise ValueError(f"{name} needs a {option['needs']} above 0")
        return self


def names(table: str) -> Any:
    """One of the names of a table, or of a list of them."""
    return Literal[tuple(CATALOGUE[table])]


def type_of(schema: Mapping[str, Any]) -> Any:
    """What pydantic checks a property of JSON Schema by: types are not guessed, numbers are finite."""
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if "null" in kinds:
        return type_of({**schema, "type": kinds[0]}) | None
    bounds: dict[str, Any] = {argument: schema[bound] for bound, argument in BOUNDS.items() if bound in schema}
    if kinds == ["number"]:
        return Annotated[float, Field(strict=True, allow_inf_nan=False, **bounds)]
    if kinds == ["integer"]:
        return Annotated[int, Field(strict=True, **bounds)]
    if kinds == ["array"]:
        return Annotated[list[type_of(schema["items"])], Field(**bounds)]  # type: ignore[misc]  # made as it is needed
    return StrictBool if kinds == ["boolean"] else Literal[tuple(schema["enum"])]


def fields(options: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The fields of these options, as `create_model` takes them."""
    return {
        name: (type_of(option), Field(option.get("default", ...), description=option.get("description")))
        for name, option in options.items()
    }


def part(row: Mapping[str, Any], **tag: str) -> Any:
    """The model of one row. `tag`: the field by which the members of a union are told apart, and what it says here."""
    own: dict[str, Any] = {name: (Literal[value], ...) for name, value in tag.items()} | fields(row["options"])
    model = create_model(row["class"], __base__=Row, __doc__=row["says"], **own)
    model.options = row["options"]
    return model


def parts(table: str, tag: str) -> dict[str, Any]:
    """Name → model, for each row of a table."""
    return {name: part(row, **{tag: name}) for name, row in CATALOGUE[table].items()}


def union(members: Iterable[Any], tag: str) -> Any:
    """One of several models, told apart by a field."""
    return Annotated[reduce(operator.or_, members), Field(discriminator=tag)]

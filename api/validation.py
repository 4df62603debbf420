"""What pydantic finds wrong with a request, in words that name the place, what was expected and what came."""

import difflib
from collections.abc import Callable, Sequence
from typing import Any, Final

import orjson
from pydantic import BaseModel, ValidationError

from api.errors import Problem, bad_input
from worker.jobspec import KINDS

MOST_ERRORS: Final = 20
"""A body of 20,000 unknown fields is answered as quickly as one of 20."""

SHOWN_CHARACTERS: Final = 80

KEY: Final = "[key]"
"""What pydantic adds to the place of a key that is wrong itself."""

Point = Callable[[Sequence[str]], str]
"""Names a place: a JSON pointer into the body, a parameter, a header."""


def _pointer(path: Sequence[str]) -> str:
    return "#" + "".join(f"/{_escape(part)}" for part in path)


def from_validation(error: ValidationError, model: type[BaseModel], given: Any, *, point: Point = _pointer) -> Problem:
    """422 from what pydantic found wrong with a body, or with what `point` points into: at most `MOST_ERRORS` of it."""
    found = error.errors(include_url=False)
    return bad_input([_field_error(one, model, given, point) for one in found[:MOST_ERRORS]], total=len(found))


def _field_error(found: Any, model: type[BaseModel], body: Any, point: Point) -> dict[str, str]:
    path = _path_in(body, found["loc"])
    detail = found["msg"].removeprefix("Value error, ")
    if found["type"] == "extra_forbidden":
        detail = "unknown field" + _did_you_mean(path, model)
    elif found["type"] in {"missing", "union_tag_not_found"}:
        path += [_tag(found)] if found["type"] == "union_tag_not_found" else []
        detail = "this field is required"
    elif found["type"] == "union_tag_invalid":
        path.append(_tag(found))
        detail = f"expected one of {found['ctx']['expected_tags']}, got {_shown(found['ctx']['tag'])}"
    elif found["type"] in {"model_type", "model_attributes_type", "dict_type"}:
        detail = f"expected an object, got {_shown(found['input'])}"
    elif path:
        detail = f"{detail[0].lower()}{detail[1:]}, got {_shown(found['input'])}"
    return {"pointer": point(path), "detail": detail}


def _tag(found: Any) -> str:
    """The field by which the members of a union are told apart."""
    return str(found["ctx"]["discriminator"]).strip("'")


def _path_in(body: Any, loc: Sequence[str | int]) -> list[str]:
    """Where in the body an error is. Pydantic also names the member of a union that was meant; the body does not."""
    path: list[str] = []
    here = body
    for part in loc:
        if part in KINDS and isinstance(here, dict) and part not in here:
            continue
        if part == KEY:
            continue
        path.append(str(part))
        try:
            here = here[part]
        except (KeyError, IndexError, TypeError):
            here = None
    return path


def _did_you_mean(path: list[str], model: type[BaseModel]) -> str:
    """A hint with the field that was probably meant, else with those that are there."""
    here: Any = model
    for part in path[:-1]:
        here = here.model_fields[part].annotation if part in getattr(here, "model_fields", {}) else None
    names = [field.alias or name for name, field in getattr(here, "model_fields", {}).items()]
    close = difflib.get_close_matches(path[-1], names, n=1)
    if close:
        return f"; did you mean {close[0]!r}?"
    return f"; expected one of {', '.join(names)}" if names else ""


def _shown(value: Any) -> str:
    shown = orjson.dumps(value, default=repr).decode()
    return shown if len(shown) <= SHOWN_CHARACTERS else shown[:SHOWN_CHARACTERS] + "…"


def _escape(part: str) -> str:
    """A field name as a part of a JSON pointer (RFC 6901, section 3)."""
    return part.replace("~", "~0").replace("/", "~1")

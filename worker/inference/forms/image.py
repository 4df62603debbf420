"""A picture as it is: the body is a PNG or JPEG file."""

from typing import Any

from nn import Model
from worker.inference.forms.question import Question
from worker.inference.images import row_from
from worker.store.exchange import Request


def read(model: Model, request: Request) -> Question:
    """The row that the network takes. `about` may say `centre` and `return_input`."""
    centre, shown = request.about.get("centre"), request.about.get("return_input", False)
    return question(model, request.body, centre=centre, return_input=shown, pointer="#")


def question(model: Model, data: bytes, *, centre: bool | None, return_input: bool, pointer: str) -> Question:
    """One picture; with `return_input` the answer shows it as the network saw it."""
    row = row_from(model, data, centre=centre, pointer=pointer)[None]
    noted: dict[str, Any] = {"inputs": row} if return_input else {}
    return Question(row, noted)

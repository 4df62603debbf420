"""A picture as it is: the body is a PNG or JPEG file."""

from typing import Any

from nn import Model
from worker.inference.codecs.decoded_input import DecodedInput
from worker.inference.images import row_from
from worker.store.prediction_queue import Request


def read(model: Model, request: Request) -> DecodedInput:
    """The row that the network takes. `about` may say `centre` and `return_input`."""
    centre, shown = request.about.get("centre"), request.about.get("return_input", False)
    return decoded(model, request.body, centre=centre, return_input=shown, pointer="#")


def decoded(model: Model, data: bytes, *, centre: bool | None, return_input: bool, pointer: str) -> DecodedInput:
    """One picture; with `return_input` the answer shows it as the network saw it."""
    row = row_from(model, data, centre=centre, pointer=pointer)[None]
    noted: dict[str, Any] = {"inputs": row} if return_input else {}
    return DecodedInput(row, noted)

"""Pictures: a row of pixels, or a problem."""

from benchmarks.fuzz.targets.asked import MODELS
from worker.errors import PredictionInputError
from worker.inference.images import row_from


def one(data: bytes) -> None:
    """The first byte chooses how it is set."""
    centre = (None, True, False)[data[0] % 3] if data else None
    try:
        row = row_from(MODELS[0], data[1:], centre=centre, pointer="#/image")
    except PredictionInputError:
        return
    assert row.shape == (MODELS[0].input_size,)
    assert row.dtype.name == "uint8"

"""A file whose kind its first bytes tell, as those of an upload do: a NumPy array, a picture, else CSV."""

from typing import Final

from nn import Model
from worker.inference.codecs import csv_rows, image, npy
from worker.inference.codecs.decoded_input import DecodedInput
from worker.store.prediction_queue import Request

READERS: Final = {b"\x93NUMPY": npy.read, b"\x89PNG": image.read, b"\xff\xd8\xff": image.read}
"""By the first bytes of their files."""


def read(model: Model, request: Request) -> DecodedInput:
    """What the file holds, read as it is when its kind is said; `about` is for CSV."""
    reader = next((one for magic, one in READERS.items() if request.body.startswith(magic)), csv_rows.read)
    return reader(model, request)

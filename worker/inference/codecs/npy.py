"""A NumPy array as `.npy` (NEP 1): rows in the fewest bytes."""

import io
import math
from tokenize import TokenError

import numpy as np
from numpy.lib import format as npy_format

from nn import Model
from worker.errors import BrokenBodyError, PredictionInputError
from worker.inference.codecs.decoded_input import DecodedInput, check_count, checked
from worker.store.prediction_queue import Request

MAX_HEADER = 10_000

BROKEN = (ValueError, SyntaxError, TypeError, LookupError, TokenError, RecursionError, OverflowError, MemoryError)
"""What NumPy raises for a header that is none: it reads it as Python would, and older ones by their tokens."""


def read(model: Model, request: Request) -> DecodedInput:
    """Rows of any shape whose numbers fit the model. The header is checked against the bytes that came."""
    file = io.BytesIO(request.body)
    try:
        version = npy_format.read_magic(file)
        header = {(1, 0): npy_format.read_array_header_1_0, (2, 0): npy_format.read_array_header_2_0}[version]
        shape, column_major, dtype = header(file, MAX_HEADER)
    except BROKEN:
        began = request.body[:8].hex(" ") or "nothing"
        detail = f"the body is not an .npy file: expected one of version 1.0 or 2.0, got bytes that begin with {began}"
        raise BrokenBodyError(detail) from None
    if dtype.kind not in "uif":
        raise PredictionInputError("#", f"expected an array of numbers, got {dtype}")
    if len(shape) < 2 or math.prod(shape[1:]) != model.input_size:
        raise PredictionInputError("#", f"expected rows of {model.input_size} numbers, got shape {list(shape)}")
    check_count(shape[0], "#")
    came, wanted = len(request.body) - file.tell(), math.prod(shape) * dtype.itemsize
    if came != wanted:
        raise BrokenBodyError(f"expected {wanted} bytes of numbers for shape {list(shape)}, got {came}")
    numbers = np.frombuffer(request.body, dtype, offset=file.tell())
    return DecodedInput(checked(model, numbers.reshape(shape, order="F" if column_major else "C"), "#"))

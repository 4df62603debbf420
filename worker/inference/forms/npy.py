"""A NumPy array as `.npy` (NEP 1): rows in the fewest bytes."""

import io
import math

import numpy as np
from numpy.lib import format as npy_format

from nn import Model
from worker.errors import PredictionInputError
from worker.inference.forms.question import Question, check_count, checked
from worker.store.exchange import Request

MAX_HEADER = 10_000


def read(model: Model, request: Request) -> Question:
    """Rows of any shape whose numbers fit the model. The header is checked against the bytes that came."""
    file = io.BytesIO(request.body)
    try:
        version = npy_format.read_magic(file)
        if version not in {(1, 0), (2, 0)}:
            raise ValueError(f"expected version 1.0 or 2.0, got {version}")
        header = npy_format.read_array_header_1_0 if version == (1, 0) else npy_format.read_array_header_2_0
        shape, column_major, dtype = header(file, MAX_HEADER)
    except ValueError as error:
        raise PredictionInputError("#", f"the body is not an .npy file: {error}") from None
    if dtype.kind not in "uif":
        raise PredictionInputError("#", f"expected an array of numbers, got {dtype}")
    if len(shape) < 2 or math.prod(shape[1:]) != model.input_size:
        raise PredictionInputError("#", f"expected rows of {model.input_size} numbers, got shape {list(shape)}")
    check_count(shape[0], "#")
    came, wanted = len(request.body) - file.tell(), math.prod(shape) * dtype.itemsize
    if came != wanted:
        raise PredictionInputError("#", f"expected {wanted} bytes of numbers for shape {list(shape)}, got {came}")
    numbers = np.frombuffer(request.body, dtype, offset=file.tell())
    return Question(checked(model, numbers.reshape(shape, order="F" if column_major else "C"), "#"))

"""The forms in which a model may be asked: how a body becomes rows, and how rows of output become an answer.

A new form is one module with `read` and `write`, and one line in this table.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from numpy.typing import NDArray

from nn import Model
from worker.inference.codecs import csv_rows, file, image, json_rows, npy, protocol
from worker.inference.codecs.decoded_input import DecodedInput
from worker.store.prediction_queue import Reply, Request

__all__ = ["CODECS", "Codec", "DecodedInput"]


@dataclass(frozen=True)
class Codec:
    """`read` gives the rows that a request asks about, `write` the answer from the model's outputs for them.

    Outputs are probabilities, (rows, classes), for classification, and values, (rows,) or (rows, outputs), for
    regression. `read` raises PredictionInputError.
    """

    read: Callable[[Model, Request], DecodedInput]
    write: Callable[[Model, str, Request, DecodedInput, NDArray[Any]], Reply]


CODECS: Final = {
    "json": Codec(json_rows.read, json_rows.write),
    "csv": Codec(csv_rows.read, json_rows.write),
    "npy": Codec(npy.read, json_rows.write),
    "file": Codec(file.read, json_rows.write),
    "image": Codec(image.read, json_rows.write),
    "protocol": Codec(protocol.read, protocol.write),
}

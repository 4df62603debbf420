"""The forms in which a model may be asked: how a body becomes rows, and how rows of output become an answer.

A new form is one module with `read` and `write`, and one line in this table.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from numpy.typing import NDArray

from nn import Model
from worker.inference.forms import csv_rows, image, json_rows, npy, protocol
from worker.inference.forms.question import Question
from worker.store.exchange import Reply, Request

__all__ = ["FORMS", "Form", "Question"]


@dataclass(frozen=True)
class Form:
    """`read` gives the rows that a request asks about, `write` the answer from the model's outputs for them.

    Outputs are probabilities, (rows, classes), for classification, and values, (rows,) or (rows, outputs), for
    regression. `read` raises PredictionInputError.
    """

    read: Callable[[Model, Request], Question]
    write: Callable[[Model, str, Request, Question, NDArray[Any]], Reply]


FORMS: Final = {
    "json": Form(json_rows.read, json_rows.write),
    "csv": Form(csv_rows.read, json_rows.write),
    "npy": Form(npy.read, json_rows.write),
    "image": Form(image.read, json_rows.write),
    "protocol": Form(protocol.read, protocol.write),
}

"""Distillation: a network learns from the answers of others (Hinton, Vinyals and Dean 2015).

A label says that an image is a 7. A trained network says more: a 7, a little like a 1, not at all like an 8; and of an
image that distortion has left between 4 and 9 it says just that, where the label insists. Several networks say it
better than each alone, and one that has learned their mean answer costs no more to ask than before. They are asked
about each batch as the student sees it, distorted in the same way.
"""

import numpy as np

from nn.arrays import AnyArray, Array, Buffers
from nn.errors import SpecError
from nn.model import Model
from nn.options import Declared, option
from nn.outputs import softmax


class Teacher(Declared):
    """Trained models, asked about each batch; `answers`: (n, classes) is what they said of the last one, Q below.

    Q is the mean of their softmax(Z/T), of logits Z. A temperature T above 1 brings the small probabilities nearer to
    the large ones; it is in them that a teacher says what is like what. SpecError for a model without softmax outputs.
    """

    kind = "teacher"
    temperature: float = option(
        4.0,
        least=0.1,
        below=1000,
        says="their logits are divided by this: the higher, the more the unlikely classes count",
    )

    def __init__(self, *models: Model, **options: float) -> None:
        super().__init__(**options)
        if not models:
            raise SpecError("teacher: expected at least one model, got none")
        for model in models:
            if model.output != "softmax":
                raise SpecError(
                    f"teacher: expected a classifier with softmax outputs, got one with {model.output} outputs"
                )
        self.models = models
        self.buffers = Buffers(models[0].network.dtype)
        self.answers: Array = np.empty((0, len(models[0].classes)), models[0].network.dtype)

    @property
    def multiplications(self) -> int:
        """Products of an input with a weight, for one row: what asking costs, as `Network.multiplications`."""
        return sum(model.network.multiplications for model in self.models)

    def check_student(self, student: Model) -> None:
        """SpecError where the student would be asked, or would answer, something else than its teacher."""
        if student.output != "softmax":
            raise SpecError(f"teacher: expected a student with softmax outputs, got one with {student.output} outputs")
        for model in self.models:
            if model.classes != student.classes:
                raise SpecError(
                    f"teacher: expected one of the classes {_some(student.classes)}, got {_some(model.classes)}"
                )
            rows = f"teacher: expected one that takes the same rows, of {student.input_size} numbers, got one for "
            if model.input_size != student.input_size:
                raise SpecError(rows + str(model.input_size))
            if model.columns != student.columns:
                raise SpecError(rows + "other columns")

    def answer(self, x: AnyArray) -> None:
        """Set `answers` to what they say of checked rows, x: (n, input_size) in the data's own units."""
        shape = (len(x), self.answers.shape[1])
        Q, one = self.buffers.get("Q", shape), self.buffers.get("one", shape)
        Q[...] = 0
        for model in self.models:
            for rows, Z in model.logits(x):
                np.multiply(Z, 1 / self.temperature, out=one[rows])
            Q += softmax(one, one)
        Q /= len(self.models)
        self.answers = Q


def _some(classes: tuple[str, ...], most: int = 10) -> str:
    return ", ".join(classes[:most]) + (", …" if len(classes) > most else "")

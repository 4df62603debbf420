"""Distillation's loss: how far a network's answers are from a teacher's (Hinton, Vinyals and Dean 2015)."""

from typing import Protocol

import numpy as np

from nn.arrays import AnyArray, Array
from nn.losses.base import Loss, count_right
from nn.outputs import log_softmax, softmax


class Answers(Protocol):
    """A teacher's softened probabilities, `answers`: (n, classes), of the batch that is learned (`Teacher`)."""

    temperature: float
    answers: Array


class Distillation(Loss):
    """L = (T²/n) Σₛ Σₖ Qₛₖ (log Qₛₖ − log Pₛₖ), how far P = softmax(Z/T) is from the teacher's Q; 0 where they agree.

    With U = Z/T, ∂L/∂U = T² (P − Q)/n, as for cross-entropy, and ∂U/∂Z = 1/T: ∂L/∂Z = T (P − Q)/n. P − Q itself
    shrinks as 1/T, so that with the factor T² a gradient is about as long at one temperature as at another
    (docs/backpropagation.md, section 5). The labels are used only to count right answers.
    """

    output = {"classification": "softmax"}

    def __init__(self, teacher: Answers) -> None:
        super().__init__("classification")
        self.teacher = teacher

    def __call__(self, Z: Array, targets: AnyArray) -> tuple[float, Array]:
        T, Q, n = self.teacher.temperature, self.teacher.answers, len(Z)
        U = 1 / T * Z
        self.right = count_right(Z, targets)
        log_Q = np.log(np.maximum(Q, np.finfo(Q.dtype).tiny))  # Q log Q is 0 where Q is
        return float(np.vdot(Q, log_Q - log_softmax(U))) * T**2 / n, T / n * (softmax(U) - Q)

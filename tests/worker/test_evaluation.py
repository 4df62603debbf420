"""What a model gets wrong is told as it is."""

import numpy as np

from tests.support.builders.networks import model_that_says
from worker.training.evaluation import MOST_CLASSES, evaluation


def test_matrix_and_mistakes_are_those_of_the_answers() -> None:
    P = np.array([[0.8, 0.1, 0.1], [0.6, 0.3, 0.1], [0.02, 0.08, 0.9], [0.2, 0.5, 0.3]])
    truth = np.array([0, 1, 1, 1])

    told = evaluation(model_that_says(P), np.eye(4), truth)

    assert told is not None
    assert told["rows"] == 4
    assert told["confusion"] == [[1, 0, 0], [1, 1, 1], [0, 0, 0]]
    assert [(m["index"], m["label"], m["predicted"], round(m["probability"], 3)) for m in told["mistakes"]] == [
        (2, 1, 2, 0.9),  # the surest first
        (1, 1, 0, 0.6),
    ]


def test_very_many_classes_have_no_matrix() -> None:
    classes = MOST_CLASSES + 1
    P = np.full((2, classes), 1 / classes)

    assert evaluation(model_that_says(P), np.eye(2), np.array([0, 1])) is None

"""Beside each test score stands that of knowing nothing."""

import numpy as np
import pytest

import nn
from tests.support.builders.networks import model_that_says
from worker.training.baseline import baseline, error_of_accuracy, error_of_r2


def test_who_knows_nothing_says_the_class_that_is_most_frequent_in_training() -> None:
    P = np.array([[0.9, 0.1], [0.9, 0.1], [0.2, 0.8], [0.6, 0.4]])
    truth = np.array([0, 1, 1, 1])

    model = model_that_says(P)

    told = baseline(model, np.array([0, 0, 0, 1]), np.eye(4), truth, model.evaluate(np.eye(4), truth))

    # Of the test part's four rows one is of class 0, and two are read as they are: p = 1/2, √(1/4 / 4) = 1/4.
    assert told == {"baseline": 0.25, "baseline_class": "0", "standard_error": 0.25}


def test_a_regression_is_measured_by_the_mean() -> None:
    x = np.linspace(-1, 1, 40)[:, None]
    model = nn.Model.build(((1,), "regression", []), hidden_layers=[], rng=np.random.default_rng(0))

    told = baseline(model, x[:, 0], x, 3 * x[:, 0], model.evaluate(x, 3 * x[:, 0]))

    assert told["baseline"] == 0.0
    assert told["standard_error"] == error_of_r2(3 * x[:, 0], model.predict(x))
    assert "baseline_class" not in told


def test_the_error_of_an_accuracy_is_that_of_a_share() -> None:
    assert error_of_accuracy(0.9, 100) == pytest.approx(0.03)
    assert error_of_accuracy(1.0, 100) == 0.0


@pytest.mark.parametrize("columns", [1, 2])
@pytest.mark.parametrize("noise", [0.3, 3.0])
def test_the_error_of_r2_is_how_much_it_varies_from_one_test_part_to_the_next(noise: float, columns: int) -> None:
    rng = np.random.default_rng(1)
    y = rng.exponential(size=(2000, 400, columns))
    said = y + noise * rng.standard_normal(y.shape)

    scores = [nn.metrics.r2(*rows) for rows in zip(y, said, strict=True)]
    errors = [error_of_r2(*rows) for rows in zip(y, said, strict=True)]

    assert np.mean(errors) == pytest.approx(np.std(scores), rel=0.1)


@pytest.mark.parametrize("y", [np.full(5, 2.0), np.array([2.0])])
def test_where_nothing_varies_r2_has_no_error(y: np.ndarray) -> None:
    assert error_of_r2(y, y + 1) == 0.0


def test_the_error_of_r2_does_not_depend_on_the_unit() -> None:
    rng = np.random.default_rng(2)
    y = rng.standard_normal(50)
    said = y + rng.standard_normal(50)

    assert error_of_r2(1e200 * y, 1e200 * said) == pytest.approx(error_of_r2(y, said))

"""Metrics, worked by hand."""

import numpy as np
import pytest

from nn import Model
from nn.metrics import METRICS, confusion_matrix, f1, log_loss, mae, precision, r2, recall, rmse, top_k_accuracy

Y = np.array([0, 0, 1, 2, 2])
P = np.array([[0.7, 0.2, 0.1], [0.3, 0.6, 0.1], [0.1, 0.8, 0.1], [0.5, 0.4, 0.1], [0.2, 0.2, 0.6]])


def test_confusion_matrix_counts_true_classes_by_rows():
    np.testing.assert_array_equal(confusion_matrix(Y, P), [[1, 1, 0], [0, 1, 0], [1, 0, 1]])


def test_precision_recall_and_f1_of_each_class():
    C = confusion_matrix(Y, P)

    np.testing.assert_allclose(precision(C), [1 / 2, 1 / 2, 1])
    np.testing.assert_allclose(recall(C), [1 / 2, 1, 1 / 2])
    np.testing.assert_allclose(f1(C), [1 / 2, 2 / 3, 2 / 3])


def test_a_class_that_never_comes_counts_as_zero():
    C = confusion_matrix(np.array([0, 0]), np.array([[0.9, 0.1, 0.0], [0.8, 0.2, 0.0]]))

    np.testing.assert_array_equal([precision(C), recall(C), f1(C)], [[1, 0, 0]] * 3)


def test_metrics_by_name():
    values = {name: METRICS[name](Y, P) for name in ("accuracy", "macro_precision", "macro_recall", "macro_f1")}

    assert values == pytest.approx(
        {"accuracy": 3 / 5, "macro_precision": 2 / 3, "macro_recall": 2 / 3, "macro_f1": 11 / 18}
    )


@pytest.mark.parametrize(("k", "share"), [(1, 3 / 5), (2, 4 / 5), (3, 1.0)])
def test_top_k_counts_the_true_class_among_the_k_most_probable(k, share):
    assert top_k_accuracy(Y, P, k) == share


def test_top_k_is_not_fooled_by_equal_probabilities():
    even = np.full((4, 4), 0.25)

    assert top_k_accuracy(np.arange(4), even, 1) == 0.25
    assert top_k_accuracy(np.arange(4), even, 3) == 0.75


def test_log_loss_and_the_metrics_of_regression():
    y, said = np.array([1.0, 2.0, 4.0]), np.array([1.0, 3.0, 2.0])

    assert log_loss(Y, P) == pytest.approx(-np.log([0.7, 0.3, 0.8, 0.1, 0.6]).mean())
    assert mae(y, said) == pytest.approx(1.0)
    assert rmse(y, said) == pytest.approx(np.sqrt(5 / 3))
    assert r2(y, said) == pytest.approx(1 - 5 / (14 / 3))
    assert r2(np.array([2.0, 2.0]), np.array([1.0, 3.0])) == 0.0


@pytest.mark.parametrize(("classes", "told"), [(3, False), (4, True)])
def test_a_model_tells_the_top_three_only_of_more_classes_than_three(classes, told):
    model = Model.build(((2,), "classification", [str(k) for k in range(classes)]), rng=np.random.default_rng(0))

    measured = model.evaluate(np.zeros((5, 2)), np.zeros(5, int))

    assert ("top_3_accuracy" in measured) == told
    assert {"loss", "accuracy", "log_loss", "macro_precision", "macro_recall", "macro_f1"} <= set(measured)

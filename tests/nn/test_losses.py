"""Losses by hand and by property."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nn import SpecError
from nn.losses import loss_from
from nn.outputs import sigmoid, softmax

logits = hnp.arrays(
    np.float64, hnp.array_shapes(min_dims=2, max_dims=2, min_side=2, max_side=7), elements=st.floats(-1e6, 1e6)
)


@given(logits)
def test_softmax_is_a_probability_for_any_logits(Z):
    P = softmax(Z, np.empty_like(Z))

    assert (P >= 0).all()
    np.testing.assert_allclose(P.sum(axis=1), 1, rtol=1e-12)
    np.testing.assert_array_equal(P.max(axis=1), P[np.arange(len(Z)), Z.argmax(axis=1)])


@given(logits, st.floats(-1e3, 1e3))
def test_softmax_does_not_change_when_all_logits_are_shifted(Z, shift):
    shifted = softmax(Z + shift, np.empty_like(Z))

    np.testing.assert_allclose(shifted, softmax(Z, np.empty_like(Z)), atol=1e-6)


@given(logits)
def test_cross_entropy_is_finite_and_its_gradient_sums_to_zero_for_any_logits(Z):
    loss, dZ = loss_from("cross_entropy", "classification", Z.shape[1])(Z, np.zeros(len(Z), np.intp))

    assert np.isfinite(loss)
    assert loss >= 0
    np.testing.assert_allclose(dZ.sum(axis=1), 0, atol=1e-12)


@given(hnp.arrays(np.float32, (5, 1), elements=st.floats(-1e6, 1e6, width=32)))
def test_binary_cross_entropy_is_finite_for_any_logit(Z):
    loss, _ = loss_from("binary_cross_entropy", "classification", 2)(Z, np.array([0, 1, 0, 1, 1]))

    assert np.isfinite(loss)
    assert (np.abs(sigmoid(Z, np.empty_like(Z)) - 0.5) <= 0.5).all()


def by_hand(name, Z, targets, task="classification", **options):
    Z = np.array(Z, np.float64)
    return loss_from({"name": name, **options}, task, max(Z.shape[1], 2))(Z, np.array(targets))


def test_cross_entropy_by_hand():
    loss, dZ = by_hand("cross_entropy", [[np.log(1), np.log(3)], [np.log(4), np.log(1)]], [1, 1])

    assert loss == pytest.approx(-(np.log(3 / 4) + np.log(1 / 5)) / 2)
    np.testing.assert_allclose(dZ, [[1 / 8, -1 / 8], [4 / 10, -4 / 10]])


def test_label_smoothing_by_hand():
    loss, dZ = by_hand("cross_entropy", [[np.log(1), np.log(3)]], [1], label_smoothing=0.2)

    assert loss == pytest.approx(-(0.9 * np.log(3 / 4) + 0.1 * np.log(1 / 4)))
    np.testing.assert_allclose(dZ, [[1 / 4 - 0.1, 3 / 4 - 0.9]])


def test_class_weights_by_hand():
    loss, _ = by_hand("cross_entropy", [[0, np.log(3)], [0, np.log(3)]], [0, 1], class_weights=[3.0, 1.0])

    assert loss == pytest.approx(-(3 * np.log(1 / 4) + np.log(3 / 4)) / 4)


def test_squared_error_of_softmax_by_hand():
    loss, dZ = by_hand("mean_squared_error", [[np.log(1), np.log(3)]], [1])

    assert loss == pytest.approx((0.25**2 + 0.25**2) / 2)
    G = np.array([0.25, -0.25])  # 2 (p − t) / 2
    J = np.array([[0.25 * 0.75, -0.25 * 0.75], [-0.25 * 0.75, 0.25 * 0.75]])
    np.testing.assert_allclose(dZ, [J @ G])


def test_distances_by_hand():
    Z, T = [[1.0, 5.0]], [[0.5, 2.0]]

    assert by_hand("mean_squared_error", Z, T, "regression")[0] == pytest.approx((0.25 + 9) / 2)
    assert by_hand("mean_absolute_error", Z, T, "regression")[0] == pytest.approx((0.5 + 3) / 2)
    assert by_hand("huber", Z, T, "regression")[0] == pytest.approx((0.125 + 2.5) / 2)
    np.testing.assert_allclose(by_hand("huber", Z, T, "regression")[1], [[0.25, 0.5]])


@pytest.mark.parametrize(
    ("config", "task", "classes", "said"),
    [
        ("hinge", "classification", 3, "loss: expected one of"),
        ("cross_entropy", "regression", 0, "expected one for regression"),
        ("huber", "classification", 3, "expected one for classification"),
        ("binary_cross_entropy", "classification", 3, "expected 2 classes, got 3"),
        ({"name": "cross_entropy", "label_smoothing": 1.0}, "classification", 3, "label_smoothing"),
        ({"name": "cross_entropy", "class_weights": [1.0]}, "classification", 3, "each of 3 classes, got 1"),
        ({"name": "cross_entropy", "class_weights": [1.0, -1.0, 1.0]}, "classification", 3, "class_weights"),
        ({"name": "huber", "delta": 0}, "regression", 0, "huber delta"),
        ({"name": "huber", "gamma": 1}, "regression", 0, "unknown option 'gamma'"),
    ],
)
def test_a_loss_that_cannot_be_is_refused(config, task, classes, said):
    with pytest.raises(SpecError, match=said):
        loss_from(config, task, classes)

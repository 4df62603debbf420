"""Data sets and splits."""

import hashlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nn import DataError, Dataset, FormatError, SpecError, split
from nn.datasets import load
from nn.datasets import mnist as mnist_module


def test_mnist_has_its_published_shape(mnist):
    assert mnist.x_train.shape == (60000, 784)
    assert mnist.x_test.shape == (10000, 784)
    assert mnist.x_train.dtype == np.uint8
    assert mnist.y_train[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert np.bincount(mnist.y_test).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]


def test_a_damaged_mnist_file_is_refused(monkeypatch):
    monkeypatch.setitem(mnist_module.MD5, "t10k-labels-idx1-ubyte", hashlib.md5(b"").hexdigest())

    with pytest.raises(FormatError, match="t10k-labels-idx1-ubyte: expected MD5 d41d8"):
        load("mnist")


def test_an_unknown_data_set_is_refused():
    with pytest.raises(SpecError, match="data set: expected one of mnist, got 'cifar'"):
        load("cifar")


@given(st.lists(st.integers(0, 4), min_size=2, max_size=200), st.floats(0.01, 0.99), st.booleans(), st.integers(0, 9))
def test_split_takes_each_row_once_and_stratifies(labels, fraction, stratify, seed):
    y = np.array(labels)

    train, validation = split(y, fraction, np.random.default_rng(seed), stratify=stratify)

    assert sorted([*train, *validation]) == list(range(len(y)))
    assert len(validation) == min(max(round(len(y) * fraction), 1), len(y) - 1)
    if stratify:
        share = len(validation) / len(y)
        for label in set(labels):
            assert abs((y[validation] == label).sum() - share * (y == label).sum()) < 1 + 1e-9


def test_split_depends_on_the_generator_alone():
    y = np.arange(100) % 3

    one, same, other = (split(y, 0.2, np.random.default_rng(seed), stratify=True)[1].tolist() for seed in (1, 1, 2))

    assert one == same
    assert one != other


@pytest.mark.parametrize("fraction", [0, 1, -0.1])
def test_split_refuses_fractions_that_leave_nothing(fraction):
    with pytest.raises(SpecError, match="validation split"):
        split(np.arange(10), fraction, np.random.default_rng(0), stratify=False)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"x_train": np.zeros((4, 3))}, "x_train: expected shape"),
        ({"y_train": np.array([0, 1])}, "one target for each of 4 rows"),
        ({"y_train": np.array([0, 1, 2, 0])}, "class indices from 0 to 1, got 0 to 2"),
        ({"y_train": np.array([0, 1, -1, 0])}, "got -1 to 1"),
        ({"y_train": np.array([0.0, 1, 0, 0])}, "class indices of shape"),
        ({"task": "regression", "classes": (), "y_train": np.array([0, np.nan, 0, 0])}, "NaN"),
    ],
)
def test_data_that_does_not_fit_is_refused(change, said):
    parts = {
        "x_train": np.zeros((4, 2)),
        "y_train": np.array([0, 1, 0, 1]),
        "x_test": np.zeros((0, 2)),
        "y_test": np.zeros(0, int),
        "task": "classification",
        "classes": ("a", "b"),
        "input_shape": (2,),
        "name": "t",
    }

    with pytest.raises(DataError, match=said):
        Dataset(**parts | change)

"""Predictions for every row of a data set: a table may differ from the model's in order and codes, not in meaning."""

import csv
import io

import numpy as np
import pytest

import nn
from nn.data import Column, Dataset, read_rows
from nn.errors import DataError, RowError
from worker.inference.tables import predictions_of

CLASSES = ("no", "yes")
COLUMNS = (Column("size"), Column("colour", "categorical", ("green", "red")))
ROWS = [{"size": float(n), "colour": ("green", "red")[n % 2]} for n in range(8)]


def dataset(columns: tuple, rows: list, y: list, classes: tuple = CLASSES, task: str = "classification") -> Dataset:
    x, y = read_rows(rows, columns), np.array(y)
    return Dataset(x, y, x[:0], y[:0], task, classes, (len(columns),), "d", columns)


@pytest.fixture
def model() -> nn.Model:
    rng = np.random.default_rng(0)
    return nn.Model.build(dataset(COLUMNS, ROWS, [0, 1] * 4), hidden_layers=(4,), rng=rng)


def file_of(model: nn.Model, data: Dataset, kind: str) -> bytes:
    return b"".join(predictions_of(model, data, "train", kind, lambda: False))


def test_columns_and_categories_and_classes_are_matched_by_name(model: nn.Model) -> None:
    there = (Column("colour", "categorical", ("red", "green")), Column("size"))
    data = dataset(there, ROWS, [0, 2, 1, 2] * 2, classes=("yes", "maybe", "no"))

    lines = list(csv.DictReader(io.StringIO(file_of(model, data, "csv").decode())))
    arrays = np.load(io.BytesIO(file_of(model, data, "npz")))

    expected = model.predict_probabilities(ROWS)
    np.testing.assert_array_equal(arrays["probabilities"], expected)
    assert [float(line["probability_yes"]) for line in lines] == pytest.approx(expected[:, 1].tolist())
    assert [line["prediction"] for line in lines] == [CLASSES[k] for k in expected.argmax(axis=1)]
    assert [line["target"] for line in lines] == ["yes", "no", "maybe", "no"] * 2
    assert arrays["targets"].tolist() == [1, 0, -1, 0] * 2


def test_a_category_that_the_model_never_saw_is_refused_with_its_row(model: nn.Model) -> None:
    there = (COLUMNS[0], Column("colour", "categorical", ("red", "zebra")))
    data = dataset(there, [{"size": 1.0, "colour": "red"}, {"size": 1.0, "colour": "zebra"}], [0, 1])

    with pytest.raises(RowError, match="row 1: colour: expected 'green', 'red' or a missing value, got 'zebra'"):
        file_of(model, data, "csv")


def test_another_task_is_refused(model: nn.Model) -> None:
    with pytest.raises(DataError, match="for regression, expected one for classification"):
        file_of(model, dataset(COLUMNS, ROWS, [0.5] * 8, classes=(), task="regression"), "csv")


def test_a_part_without_rows_is_a_file_without_lines(model: nn.Model) -> None:
    [header] = b"".join(
        predictions_of(model, dataset(COLUMNS, ROWS, [0] * 8), "test", "csv", lambda: False)
    ).splitlines()

    assert header == b"index,target,prediction,probability_no,probability_yes"

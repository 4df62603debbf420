"""Predictions for every row of a data set: a table may differ from the model's in order and codes, not in meaning."""

import csv
import io
import os
from pathlib import Path

import numpy as np
import pytest

import nn
from nn.data import Column, Dataset, read_rows
from nn.data.notes import Notes
from nn.errors import DataError
from tests.support.builders.uploads import ingest, settings, store, upload
from worker.inference.dataset_rows import portions_of
from worker.inference.tables import file_of, plain_cell, predict_dataset, predicted
from worker.settings import Settings
from worker.store import Store
from worker.store.blobs import model_path

__all__ = ["settings", "store"]

COLUMNS = (Column("size"), Column("colour", "categorical", ("green", "red")))
ROWS = [{"size": float(n), "colour": ("green", "red")[n % 2]} for n in range(8)]


def dataset(columns: tuple, rows: list, y: list, classes: tuple = ("no", "yes")) -> Dataset:
    x, y = read_rows(rows, columns), np.array(y)
    return Dataset(x, y, x[:0], y[:0], "classification", classes, (len(columns),), "d", columns, "bought", ("id",))


@pytest.fixture
def model() -> nn.Model:
    rng = np.random.default_rng(0)
    return nn.Model.build(dataset(COLUMNS, ROWS, [0, 1] * 4), hidden_layers=(4,), rng=rng)


@pytest.fixture
def asked(store: Store, settings: Settings, model: nn.Model, tmp_path: Path) -> dict:
    store.blobs.put(model_path("model_1"), nn.formats.save(model))
    descriptor = os.open(tmp_path, os.O_TMPFILE | os.O_RDWR)
    return {
        "blob_url": settings.blob_url,
        "model_id": "model_1",
        "path": "predictions/p/1.csv",
        "format": "csv",
        "unknown": "missing",
        "split": "all",
        "most_bytes": 1 << 20,
        "scratch": descriptor,
    }


def facts(store: Store, settings: Settings, text: str, **spec: object) -> dict:
    """Of an upload, as a prediction is told of it."""
    upload(store, {"file": text.encode()}, **spec)
    record = ingest(store, settings)
    assert record.state == "ready", record.error
    return {
        "id": record.id,
        "upload": record.upload,
        "files": [file.as_dict() for file in record.files],
        "spec": record.spec,
        "blob": record.blob,
        "format": "csv",
        "target": record.about["target"] if record.blob else None,
    }


def lines(store: Store, asked: dict) -> list[dict]:
    return list(csv.DictReader(io.StringIO(store.blobs.get(asked["path"]).decode())))


FILE = """colour,id,size,bought
red,7,1,no
blue,8,,
green,9,3,yes
"""


def test_a_file_is_read_by_the_models_columns_whatever_learning_would_make_of_it(
    store: Store, settings: Settings, asked: dict, model: nn.Model
) -> None:
    """Three rows, another order, one missing target, one category that training never saw."""
    told = predict_dataset(asked | {"dataset": facts(store, settings, FILE, purpose="prediction")})

    found = lines(store, asked)
    expected = model.predict_probabilities([{"colour": "red", "size": 1}, {}, {"colour": "green", "size": 3}])
    assert told == {
        "rows": 3,
        "notes": [
            {
                "column": "colour",
                "value": "blue",
                "rows": 1,
                "detail": "training never saw this value: read as missing",
            },
            {"column": "id", "value": None, "rows": 3, "detail": "no input of this model: ignored"},
        ],
    }
    assert [line["row"] for line in found] == ["1", "2", "3"]
    assert [line["target"] for line in found] == ["no", "", "yes"]
    assert [float(line["probability_yes"]) for line in found] == pytest.approx(expected[:, 1].tolist())


def test_a_category_is_refused_where_that_is_wanted_by_its_row(store: Store, settings: Settings, asked: dict) -> None:
    what = {"dataset": facts(store, settings, FILE, purpose="prediction"), "unknown": "refuse"}

    with pytest.raises(
        DataError, match="row 2, column 'colour': expected 'green', 'red' or a missing value, got 'blue'"
    ):
        predict_dataset(asked | what)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "size,color\n1,red\n",
            r"expected those of this model \(2\); the file lacks 'colour', and has 'color', which",
        ),
        ("a,b\n1,red\n", "lacks 'size', 'colour', and has 'a', 'b', which the model does not know"),
        ("size,colour\nbig,red\n", "row 1, column 'size': expected a number with a decimal point, got 'big'"),
    ],
)
def test_a_file_that_is_none_for_the_model_is_refused(
    store: Store, settings: Settings, asked: dict, text: str, message: str
) -> None:
    with pytest.raises(DataError, match=message):
        predict_dataset(asked | {"dataset": facts(store, settings, text, purpose="prediction")})


def test_a_part_has_its_rows_in_its_own_order_with_their_numbers_in_the_file(
    store: Store, settings: Settings, asked: dict
) -> None:
    text = "colour,size,bought\n" + "".join(
        f"{('red', 'green')[n % 2]},{n},{('no', 'yes')[n % 2]}\n" for n in range(20)
    )
    known = facts(store, settings, text)

    predict_dataset(asked | {"dataset": known, "split": "test"})

    found = lines(store, asked)
    samples = store.samples.read(known["blob"], "test", offset=0, limit=10)
    assert [line["index"] for line in found] == ["0", "1", "2", "3"]
    assert [int(line["row"]) - 1 for line in found] == [sample.x[1] for sample in samples]
    assert [line["target"] for line in found] == [("no", "yes")[sample.y] for sample in samples]


def stored(model: nn.Model, data: Dataset, kind: str) -> bytes:
    """The file for a data set of which the arrays alone are kept."""
    from worker.inference.dataset_rows import _stored

    rows = _stored(model, data, "train", "missing", Notes())
    return b"".join(file_of(model, predicted(model, rows), kind))


def test_stored_columns_categories_and_classes_are_matched_by_name(model: nn.Model) -> None:
    there = (Column("colour", "categorical", ("red", "green")), Column("size"))
    data = dataset(there, ROWS, [0, 2, 1, 2] * 2, classes=("yes", "maybe", "no"))

    found = list(csv.DictReader(io.StringIO(stored(model, data, "csv").decode())))
    arrays = np.load(io.BytesIO(stored(model, data, "npz")))

    expected = model.predict_probabilities(ROWS)
    np.testing.assert_array_equal(arrays["probabilities"], expected)
    assert [line["prediction"] for line in found] == [model.classes[k] for k in expected.argmax(axis=1)]
    assert [line["target"] for line in found] == ["yes", "no", "maybe", "no"] * 2
    assert arrays["targets"].tolist() == [1, 0, -1, 0] * 2
    assert arrays["rows"].tolist() == [*range(1, 9)]


def test_a_part_without_rows_is_a_file_without_lines(model: nn.Model) -> None:
    header = b"".join(file_of(model, predicted(model, iter([])), "csv"))

    assert header == b"index,row,target,prediction,probability_no,probability_yes\n"
    assert np.load(io.BytesIO(b"".join(file_of(model, predicted(model, iter([])), "npz"))))["predictions"].shape == (0,)


@pytest.mark.parametrize(
    ("text", "cell"),
    [("=1+1", "'=1+1"), ("@x", "'@x"), ("-cmd", "'-cmd"), ("-5", "-5"), ("+3.5", "+3.5"), ("a=b", "a=b")],
)
def test_no_cell_starts_a_formula(text: str, cell: str) -> None:
    assert plain_cell(text) == cell


def test_portions_are_as_large_as_requests_are_computed(store: Store, settings: Settings, asked: dict, model) -> None:
    text = "size,colour\n" + "1,red\n" * 9000
    known = facts(store, settings, text, purpose="prediction")

    sizes = [len(portion.x) for portion in portions_of(model, asked | {"dataset": known}, store.blobs, Notes())]

    assert sizes == [4096, 4096, 808]

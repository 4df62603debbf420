"""Rows with their answers beside them: the fields of a file are split as the service has split them."""

import gzip
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from api.cli.scored import beside, table_in, table_of
from neurond import Prediction

CLASSES = SimpleNamespace(classes=["no", "yes"])
NUMBERS = SimpleNamespace(classes=[])
COLUMNS = ("size", "kind")
READ = (["size", "kind"], [["1.5", "a"], ["2", "b, c"]])


def answer(predictions: list, probabilities: list | None = None) -> Prediction:
    return Prediction(
        id="pred_1",
        object="prediction",
        status="succeeded",
        model_id="model_1",
        predictions=predictions,
        probabilities=probabilities,
        created_at=datetime.now(UTC),
        finished_at=None,
        error=None,
    )


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("commas.csv", 'size,kind\n1.5,a\n2,"b, c"\n'),
        ("ends.csv", 'size,kind\r\n1.5,a\r\n2,"b, c"'),
        ("blanks.csv", 'size, kind\n\n1.5, a\n   \n2, "b, c"\n\n'),
        ("comments.csv", '# of today\nsize,kind\n1.5,a\n# half, of, it\n2,"b, c"\n'),
        ("semicolons.csv", "size;kind\n1.5;a\n2;b, c\n"),
        ("marked.csv", "\ufeffsize;kind\n1.5;a\n2;b, c\n"),
        ("sep.csv", "sep=;\nsize;kind\n1.5;a\n2;b, c\n"),
        ("bars.txt", "size|kind\n1.5|a\n2|b, c\n"),
        ("tabs.tsv", "size\tkind\n1.5\ta\n2\tb, c\n"),
        ("utf16.csv", "size;kind\n1.5;a\n2;b, c\n".encode("utf-16")),
        ("packed.csv.gz", gzip.compress(b"size;kind\n1.5;a\n2;b, c\n", mtime=0)),
    ],
)
def test_the_rows_of_a_text_file_are_those_that_were_answered(tmp_path: Path, name: str, data: str | bytes) -> None:
    file = tmp_path / name
    file.write_bytes(data.encode() if isinstance(data, str) else data)

    assert table_in(file, None, 2, COLUMNS) == READ


def test_a_file_without_a_row_of_names_has_columns_by_their_places(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("1.5,a\n2,b\n")
    (tmp_path / "b.csv").write_text("1,5;2,5\n3,5;4,5\n")

    assert table_in(tmp_path / "a.csv", None, 2, COLUMNS) == (["column_1", "column_2"], [["1.5", "a"], ["2", "b"]])
    assert table_in(tmp_path / "b.csv", None, 2, COLUMNS) == (
        ["column_1", "column_2"],
        [["1,5", "2,5"], ["3,5", "4,5"]],
    )


def test_a_file_in_an_encoding_that_was_said_is_read_in_it(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes("größe,kind\n1,ä\n".encode("cp1252"))

    assert table_in(tmp_path / "a.csv", "windows-1252", 1, ()) == (["größe", "kind"], [["1", "ä"]])
    assert table_in(tmp_path / "a.csv", None, 1, ()) is None


@pytest.mark.parametrize(
    ("name", "data"), [("a.csv", b"size,kind\n1,a\n"), ("a.parquet", b"PAR1size"), ("a.npz", b"PK\x03\x04")]
)
def test_a_file_whose_rows_cannot_be_told_has_none(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)

    assert table_in(tmp_path / name, None, 7, COLUMNS) is None


def test_a_classification_stands_beside_its_row_with_a_probability_for_each_class() -> None:
    lines = beside(CLASSES, [answer([1], [[0.25, 0.75]]), answer([0], [[0.9, 0.1]])], READ)

    assert list(lines) == [
        ["size", "kind", "prediction", "probability_no", "probability_yes"],
        ["1.5", "a", "yes", 0.25, 0.75],
        ["2", "b, c", "no", 0.9, 0.1],
    ]


def test_a_column_of_the_file_keeps_its_name() -> None:
    table = (["prediction", "prediction_"], [["a", "b"]])

    head, _ = beside(CLASSES, [answer([1], [[0.25, 0.75]])], table)

    assert head == ["prediction", "prediction_", "prediction__", "probability_no", "probability_yes"]


def test_values_of_a_regression_have_a_column_each() -> None:
    one = beside(NUMBERS, [answer([1.5, 2.5])], None)
    several = beside(NUMBERS, [answer([[1, 2], [3, 4]])], None)

    assert list(one) == [["row", "prediction"], [1, 1.5], [2, 2.5]]
    assert list(several) == [["row", "prediction_0", "prediction_1"], [1, 1, 2], [2, 3, 4]]


def test_rows_of_json_have_the_names_that_they_or_the_model_say() -> None:
    named = table_of([{"a": 1}, {"b": None, "a": 2}], COLUMNS)

    assert named == (["a", "b"], [[1, None], [2, None]])
    assert table_of([[1, "x"]], COLUMNS) == (["size", "kind"], [[1, "x"]])
    assert table_of([[1, 2, 3]], COLUMNS) == (["column_1", "column_2", "column_3"], [[1, 2, 3]])

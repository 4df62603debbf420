"""What `neurond predict` makes of a file: as `neurond upload` would have read it, for the columns of the model."""

import gzip
from pathlib import Path

import click
import pytest

from api.cli.rows import MISSING, read_csv
from nn.data import cells

KINDS = {"size": "numeric", "zip": "categorical"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "rows.csv"


def test_missing_values_are_written_as_for_an_upload() -> None:
    assert MISSING == cells.MISSING


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("1,2.5\n\n3,\n", [[1, 2.5], [3, None]]),
        ("\ufeffsize,soil\n1,clay\nnan,sand\n", [{"size": 1, "soil": "clay"}, {"size": None, "soil": "sand"}]),
        (",size\n0,5\n", [{"": 0, "size": 5}]),
        ("1;2,5\n3;NA\n", [[1, 2.5], [3, None]]),
        ("1\t-2e3\n", [[1, -2000]]),
        ("7\n8\n", [[7], [8]]),
        ("1_0,1e400\n", [{}]),
    ],
)
def test_rows_of_plain_numbers(file: Path, text: str, rows: list) -> None:
    file.write_text(text)

    if rows == [{}]:  # neither is a number: names, and nothing under them
        with pytest.raises(click.UsageError, match="expected rows under it"):
            read_csv(file)
    else:
        assert read_csv(file) == rows


@pytest.mark.parametrize(
    ("text", "rows", "told"),
    [
        ("size,zip\n 10 , 01234\n?,\n   \n", [{"size": 10, "zip": "01234"}, {"size": None, "zip": None}], ""),
        ("zip;size\n7;1,5\n", [{"zip": "7", "size": 1.5}], ""),
        ("10,01234\n", [[10, "01234"]], ""),
        (
            "date,size,zip\n2020-01-01,1,7\n",
            [{"size": 1, "zip": "7"}],
            "Left out, for the model has no such column: 'date'",
        ),
        ("size\n1\n", [{"size": 1}], "Taken as missing, for the file has no such column: 'zip'"),
        ('size,zip\n1,"a\n b"\n', [{"size": 1, "zip": "a\n b"}], ""),
    ],
)
def test_rows_for_the_columns_of_a_model(
    file: Path, text: str, rows: list, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text(text, newline="")

    assert read_csv(file, KINDS) == rows
    assert capsys.readouterr().err.strip() == told


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"size,soil\n", "expected rows under it"),
        (b"", "is empty"),
        (b" \n\n", "is empty"),
        (b"size,zip\n1,2,3\n", "line 2: expected 2 cells as in the first row, got 3"),
        (b"size,zip\n1\n", "line 2: expected 2 cells as in the first row, got 1"),
        (b"size,zip\n1_0,7\n", "line 2, size: expected a number, got '1_0'"),
        (b"size,zipp\n1,7\n", "expected the columns 'size', 'zip', got no 'zip', but 'zipp'"),
        (b"size,size\n1,7\n", "expected each column's name once"),
        ("size,zip\n1,größe\n".encode("latin-1"), "save it as UTF-8"),
        (b'size,zip\n1,"x\n', "line 2: unexpected end of data"),
        (gzip.compress(b"size,zip\n1,7\n"), "save it as UTF-8"),
    ],
)
def test_a_file_that_cannot_be_asked_about_says_where(file: Path, data: bytes, message: str) -> None:
    file.write_bytes(data)

    with pytest.raises(click.UsageError, match=message):
        read_csv(file, KINDS)

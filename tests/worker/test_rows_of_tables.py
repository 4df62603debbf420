"""Rows of a table in a request: as JSON and as CSV, read as the file was that the model learned from."""

import numpy as np
import orjson
import pytest

import nn
from nn.data import Column, Dataset
from tests.support.builders.predictions import ask, body, npy, request
from worker.inference.codecs.decoded_input import MAX_ROWS


@pytest.fixture
def table() -> nn.Model:
    columns = (Column("age"), Column("colour", "categorical", ("blue", "red")))
    x = np.array([[30.0, 0], [40, 1], [50, 1], [20, 0]])
    data = Dataset(
        x,
        np.array([0, 1, 1, 0]),
        x[:0],
        np.array([], np.intp),
        "classification",
        ("a", "b"),
        (2,),
        "t",
        columns,
        target="bought",
        left_out=("id",),
    )
    return nn.Model.build(data, hidden_layers=[4], rng=np.random.default_rng(1))


def test_rows_of_a_table_are_lists_or_objects_and_may_miss_values(table: nn.Model) -> None:
    rows = [[39, "red"], {"colour": "red", "age": 39}, {"age": 39}, [39, None]]

    prediction = ask(table, request(body(rows)))

    [reply] = prediction.values()
    probabilities = orjson.loads(reply.body)["probabilities"]
    assert probabilities[0] == probabilities[1]
    assert probabilities[2] == probabilities[3]
    assert probabilities[0] != probabilities[2]


@pytest.mark.parametrize(
    ("row", "pointer", "words"),
    [
        ({"age": 39, "shoe": 43}, "#/inputs/0/shoe", "expected one of the columns"),
        ({"age": "old"}, "#/inputs/0/age", "a number or null"),
        ([39], "#/inputs/0", "expected 2 values, one for each column ('age', 'colour'), got 1"),
    ],
)
def test_a_row_of_a_table_that_does_not_fit_is_named_by_its_column(table, row, pointer: str, words: str) -> None:
    [reply] = ask(table, request(body([row]))).values()

    [problem] = orjson.loads(reply.body)
    assert reply.kind == "bad_input"
    assert problem["pointer"] == pointer
    assert words in problem["detail"]


def notes_of(reply) -> list[tuple]:
    assert reply.kind == "prediction", reply.body
    return [tuple(note.values())[:3] for note in orjson.loads(reply.body)["notes"]]


def test_what_is_read_otherwise_than_it_stands_is_noted(table) -> None:
    rows = [
        {"age": " 39 ", "colour": "green", "id": 7},
        {"age": 1000, "colour": " red", "bought": "a"},
        {"age": "NA", "colour": "green"},
    ]

    [reply] = ask(table, request(body(rows))).values()

    expected = [("id", None, 1), ("colour", "green", 2), ("bought", None, 1), ("age", 1000, 1)]
    assert sorted(notes_of(reply), key=str) == sorted(expected, key=str)
    plain = ask(table, request(body([[39, None], [1000, "red"], [None, None]])))
    assert orjson.loads(reply.body)["probabilities"] == orjson.loads(next(iter(plain.values())).body)["probabilities"]


@pytest.mark.parametrize(
    ("unknown", "pointer", "words"),
    [("refuse", "#/inputs/0/colour", "'blue', 'red' or null"), ("guess", "#/unknown", "'missing' or 'refuse'")],
)
def test_an_unseen_category_is_refused_where_that_is_said(table, unknown: str, pointer: str, words: str) -> None:
    raw = orjson.dumps({"inputs": [{"colour": "green"}], "unknown": unknown})

    [reply] = ask(table, request(raw)).values()

    [problem] = orjson.loads(reply.body)
    assert problem["pointer"] == pointer
    assert words in problem["detail"]


@pytest.mark.parametrize(
    ("text", "text_options"),
    [
        (b"colour,age,id\nred,39,1\ngreen,40.5,2\n,,3\n", {}),
        (b"age;colour;bought\n39;red;a\n40,5;green;\nNA;?;b\n", {}),
        ("age\tcolour\r39\tred\r40.5\tgreen\r-\t\r".encode("utf-16"), {}),
        (b"39,red\n40.5,green\n,\n", {}),
        ("age,colour\n39,red\n40.5,gr\u00fcn\n,\n".encode("cp1252"), {"encoding": "windows-1252"}),
        (b"age,colour\n39,red\n40.5,green\n,\n", {"header": True, "decimal": "."}),
    ],
)
def test_a_csv_file_is_asked_as_rows_of_json_would_be(table, text: bytes, text_options: dict) -> None:
    [reply] = ask(table, request(text, "csv", text=text_options)).values()
    [rows] = ask(table, request(body([[39, "red"], [40.5, None], [None, None]]))).values()

    assert reply.kind == "prediction", reply.body
    assert orjson.loads(reply.body)["probabilities"] == orjson.loads(rows.body)["probabilities"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"age,colour\nold,red\n", "row 1, column 'age': expected a number with a decimal point, got 'old'"),
        (
            b"age,color\n39,red\n",
            "columns: expected those of this model (2); the file lacks 'colour', and has 'color', which the model",
        ),
        (b"age;colour\n1.234;red\n", "may be 1.234 or 1234"),
        (b"age,colour\n" + b"1,red\n" * (MAX_ROWS + 1), "expected at most 10000 rows"),
        (b"age,colour\n", "expected at least one row, got none"),
        (b"", "expected rows of values, got none"),
    ],
)
def test_a_csv_file_that_cannot_be_asked_says_where(table, text: bytes, words: str) -> None:
    [reply] = ask(table, request(text, "csv")).values()

    assert reply.kind in ("bad_input", "bad_body")
    assert words in orjson.loads(reply.body)[0]["detail"]


def test_an_array_with_an_unknown_code_is_told_its_row_and_column(table: nn.Model) -> None:
    [reply] = ask(table, request(npy(np.array([[30.0, 0], [np.nan, np.nan], [40, 2]])), "npy")).values()

    assert reply.kind == "bad_input"
    [problem] = orjson.loads(reply.body)
    assert problem["pointer"] == "#/2/1"
    assert problem["detail"] == "row 2, column colour: expected a code from 0 to 1 or NaN, got 2"

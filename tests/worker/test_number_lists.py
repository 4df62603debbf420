"""Long lists of numbers are read in pieces, and mean what they mean as a whole."""

from contextlib import suppress
from dataclasses import replace
from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn
from tests.support.builders.predictions import request
from worker.errors import PredictionInputError
from worker.inference.codecs import json_rows, number_lists, protocol

MODEL = nn.Model.build(((3,), "regression", ()), hidden_layers=[], rng=np.random.default_rng(1))

NUMBERS = st.one_of(
    st.integers(-3, 3),
    st.integers(-(2**63), 2**64 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.floats(width=32, allow_nan=False, allow_infinity=False),
)
ODD = st.sampled_from(["null", "true", "false", '"1"', "{}", "[]", "[1]", "1e999", "01", "", " ", "1,", "]", "[", "-"])
ROW = st.lists(NUMBERS, min_size=3, max_size=3).map(lambda row: orjson.dumps(row).decode())
ODD_ROW = st.one_of(
    st.lists(st.one_of(NUMBERS.map(str), ODD), max_size=5).map(lambda row: "[" + ",".join(row) + "]"), ODD
)
SPACES = st.sampled_from(["", " ", "\n\t", "\r\n"])
FIELDS = st.sampled_from(
    ['"unknown":"missing"', '"inputs":[[1,2,3]]', '"x":{"inputs":[[1,2,3]]}', '"x":1', '"image":3']
)


@st.composite
def rows(draw: st.DrawFn) -> str:
    """The inside of a list, most often of rows of three numbers, as somebody might write it."""
    space = draw(SPACES)
    many = draw(st.lists(ROW if draw(st.booleans()) else st.one_of(ROW, ROW, ROW, ODD_ROW), max_size=12))
    return space + f"{space},{space}".join(many) + space


@st.composite
def bodies(draw: st.DrawFn) -> bytes:
    before, after = (draw(st.lists(FIELDS, max_size=1)) for _ in range(2))
    fields = [*before, f'"inputs":{draw(SPACES)}[{draw(rows())}]', *after]
    return ("{" + ",".join(fields) + "}").encode()


@st.composite
def tensors(draw: st.DrawFn) -> bytes:
    shape = draw(st.sampled_from(["[2,3]", "[4,3]", "[4,1,3]", "[1,3]"]))
    data = draw(st.one_of(rows(), rows().map(lambda text: f"[{text}]"), st.lists(NUMBERS.map(str)).map(",".join)))
    return f'{{"inputs":[{{"name":"input","shape":{shape},"datatype":"FP32","data":[{data}]}}]}}'.encode()


def outcome(form: Any, body: bytes) -> tuple[Any, ...]:
    try:
        found = form.read(MODEL, request(body, name="m")).rows
    except PredictionInputError as error:
        return (error.pointer, str(error))
    return (found.dtype, found.shape, found.tobytes())


def in_pieces(form: Any, body: bytes, size: int) -> tuple[Any, ...]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(number_lists, "LONG_BYTES", 0)
        patch.setattr(number_lists, "PIECE_BYTES", size)
        patch.setattr(number_lists, "PIECE_ROWS", 1 + size % 3)
        return outcome(form, body)


@given(bodies(), st.integers(1, 60))
def test_rows_in_pieces_are_those_of_the_whole_to_the_bit_and_so_are_errors(body: bytes, size: int) -> None:
    assert in_pieces(json_rows, body, size) == outcome(json_rows, body)


@given(tensors(), st.integers(1, 60))
def test_a_tensor_in_pieces_is_that_of_the_whole(body: bytes, size: int) -> None:
    assert in_pieces(protocol, body, size) == outcome(protocol, body)


@pytest.mark.parametrize(
    "body",
    [
        orjson.dumps({"inputs": [[1, 2.5, 3]] * 10_000}),
        orjson.dumps({"inputs": [[1, 2, 3]] * 9_999 + [[1, None, 3]]}),
        orjson.dumps({"inputs": [[1, 2, 3]] * 9_999 + [["x", 2, 3]]}),
        orjson.dumps({"inputs": [[1, 2, 3], [0] * 500_000]}),
        orjson.dumps({"inputs": [0] * 500_000}),
        orjson.dumps({"inputs": [[1, 2, 3]] * 10_000})[:-2] + b"]}",
    ],
    ids=["rows", "null at the end", "text at the end", "a long row", "no rows", "a bracket too few"],
)
def test_between_two_pieces_others_get_their_turn(body: bytes) -> None:
    turns = []
    one = replace(request(body), yield_to_short=lambda: turns.append(1))

    with suppress(PredictionInputError):
        json_rows.read(MODEL, one)

    assert len(turns) >= len(body) // (2 * number_lists.PIECE_BYTES)

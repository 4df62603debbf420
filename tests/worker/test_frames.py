"""What pandas and Arrow write is read as they hold it: every dtype, kind of index, and way of missing."""

import io
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import nn
from nn.data.column_alignment import read_rows
from nn.data.parse_results import ParsedTable
from nn.data.prepare import Choices, prepare
from tests.support.for_model import rows_for
from tests.support.frames import Made, arrow_tables, frames, to_csv, to_parquet
from tests.support.needs import module
from tests.worker.readings.case import cells_of
from worker.ingest.read import parse
from worker.jobspec.dataset import DatasetSpec

pytestmark = pytest.mark.peers

SETTINGS = settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)

pd, pq = module("pandas"), module("pyarrow.parquet")

INDEX = {"column_1", "column_2", "number", "group", "member", "__index_level_0__"}


def read(data: bytes, **spec: Any) -> ParsedTable:
    _, parsed = parse({"file": io.BytesIO(data)}, DatasetSpec.model_validate(spec))
    assert isinstance(parsed, ParsedTable)
    return parsed


def known(made: Made) -> dict[str, list[float | str | None]]:
    """The columns that have a value."""
    return {name: values for name, values in made.meaning.items() if any(value is not None for value in values)}


@SETTINGS
@given(frames())
def test_a_frame_comes_back_from_parquet(made: Made) -> None:
    table = read(to_parquet(made.frame))

    assert cells_of(table) == known(made)


@SETTINGS
@given(
    frames(),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["", "NA", "NaN", "null"]),
    st.booleans(),
    st.booleans(),
)
def test_a_frame_comes_back_from_csv(
    made: Made, sep: str, encoding: str, end: str, missing: str, with_index: bool, by_comma: bool
) -> None:
    decimal = "," if by_comma else "."
    kept = [
        name for name in made.meaning if not (by_comma and name.endswith("decimal"))
    ]  # pandas writes those by a point
    assume(len(kept) > 1)

    data = to_csv(
        made.frame[kept],
        sep=sep,
        encoding=encoding,
        lineterminator=end,
        na_rep=missing,
        index=with_index,
        decimal=decimal,
    )
    table = read(data, decimal=decimal)

    found = {name: values for name, values in cells_of(table).items() if name not in INDEX}
    assert found == {name: values for name, values in known(made).items() if name in kept}


@SETTINGS
@given(frames(fewest=20), st.sampled_from([",", "\t", "|"]))
def test_a_frame_comes_back_from_csv_with_nothing_said(made: Made, sep: str) -> None:
    table = read(to_csv(made.frame, sep=sep))

    found = {name: values for name, values in cells_of(table).items() if name not in INDEX}
    assert found == known(made)


@SETTINGS
@given(
    arrow_tables(),
    st.sampled_from(["none", "snappy", "gzip", "zstd", "lz4", "brotli"]),
    st.integers(1, 50),
    st.booleans(),
)
def test_a_table_comes_back_from_arrow(made: Made, compression: str, rows: int, dictionary: bool) -> None:
    assume(known(made))
    file = io.BytesIO()

    pq.write_table(made.frame, file, compression=compression, row_group_size=rows, use_dictionary=dictionary)
    table = read(file.getvalue())

    assert cells_of(table) == known(made)


@SETTINGS
@given(frames(fewest=8, target=True), st.booleans(), st.sampled_from([",", ";", "\t", "|"]))
def test_a_frame_is_answered_alike_whichever_way_it_comes(made: Made, learned_from_csv: bool, sep: str) -> None:
    """Trained on one format, asked by the other, and by JSON as pandas gives its records."""
    frame = made.frame
    spec = {"decimal": "."} if sep == ";" else {}
    stored = {True: to_csv(frame, sep=sep), False: to_parquet(frame)}
    learned = read(stored[learned_from_csv], target="target", **(spec if learned_from_csv else {}))
    assume(len(learned.columns) > 1 and len(known(made)["target"]) > 1)
    data = prepare(learned, Choices("frame", "target", "classification", 0)).dataset
    model = nn.Model.build(data, hidden_layers=(8,), rng=np.random.default_rng(0))
    names = [column.name for column in model.columns]

    answers = []
    for data_of in stored.values():
        x, targets, notes = rows_for(
            model.columns, data_of, target="target", ignored=model.ignored, **(spec if data_of is stored[True] else {})
        )
        assert (targets, [note for note in notes if note[0] in names]) == (made.meaning["target"], [])
        answers.append(model.predict_probabilities(x))
    records = [
        {name: plain(value) for name, value in record.items()}
        for record in frame.reset_index()[names].to_dict("records")
    ]
    answers.append(model.predict_probabilities(read_rows(records, model.columns)))

    np.testing.assert_array_equal(answers[0], answers[1])
    np.testing.assert_array_equal(answers[0], answers[2])


def plain(value: Any) -> Any:
    """A value of a record as JSON has it: NaN and its like are null, moments and decimals text."""
    if pd.isna(value):
        return None
    return value if isinstance(value, bool | int | float | str) else str(value)

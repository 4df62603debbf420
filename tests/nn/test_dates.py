"""Dates: from text to moments, to the parts of the calendar, to what a network takes."""

import time
from datetime import UTC, date, datetime, timedelta, timezone
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nn import Dataset, FormatError, Model, TrainingOptions, fit
from nn.data import Column, read_rows
from nn.data.dates import seconds_of, text_of
from nn.data.notes import Notes
from nn.errors import RowError
from nn.formats import load, save
from nn.preprocessing.calendar import CYCLES, PARTS, calendar
from nn.preprocessing.encodings import CalendarParts, PiecewiseLinear, Scaled
from nn.preprocessing.table import Table, fit_table

DAY = 86_400.0
WHEN = Column("when", "date")


@given(st.datetimes())
def test_a_moment_is_read_back_from_its_text(moment: datetime) -> None:
    seconds = (moment - datetime(1970, 1, 1)) / timedelta(seconds=1)

    assert seconds_of(str(moment)) == pytest.approx(seconds, abs=1e-4)
    assert seconds_of(moment.isoformat()) == pytest.approx(seconds, abs=1e-4)
    whole = moment.replace(microsecond=0)
    assert seconds_of(text_of(seconds_of(str(whole)))) == seconds_of(str(whole))


@given(st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1)), st.integers(-23 * 60, 23 * 60))
def test_a_zone_is_reckoned_in(moment: datetime, minutes: int) -> None:
    there = moment.replace(tzinfo=timezone(timedelta(minutes=minutes)), microsecond=0)

    assert seconds_of(there.isoformat()) == there.timestamp()
    assert seconds_of(there.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ").zfill(20)) == there.timestamp()


@given(st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31)))
def test_the_calendar_is_pythons(moment: datetime) -> None:
    moment = moment.replace(microsecond=0)
    seconds = (moment - datetime(1970, 1, 1)) / timedelta(seconds=1)

    parts, over = calendar(np.array([seconds]), np.floor)

    said = [parts[part][0] for part in PARTS[1:-1]]
    assert said == [moment.year, moment.month, moment.day, moment.weekday()]
    assert parts["hour"][0] == pytest.approx(moment.hour + moment.minute / 60 + moment.second / 3600, abs=1e-6)
    assert parts["age"][0] == pytest.approx(seconds / (365.2425 * DAY))
    march = date(moment.year - (moment.month < 3), 3, 1)
    assert over["month"][0] == pytest.approx((moment.date() - march).days / 365.2425)
    assert all(0 <= over[part][0] < 1 for part in CYCLES)


def test_a_long_text_is_no_moment_at_once() -> None:
    began = time.process_time()

    assert seconds_of("2013-10-10 10:10" + " " * 10**6 + "x") is None
    assert time.process_time() - began < 0.1, "its blanks were tried in all ways"


def moments(*texts: str | None) -> np.ndarray:
    return read_rows([[text] for text in texts], [WHEN])


def features(encoding: CalendarParts, *texts: str | None) -> np.ndarray:
    return encoding(moments(*texts))


def test_a_date_becomes_the_parts_that_differ_and_a_circle_for_each_that_comes_again() -> None:
    known = moments("2013-01-07", "2013-01-08", "2013-01-10 12:00")  # Monday, Tuesday, Thursday

    encoding = CalendarParts.fit(known, partial(Scaled.fit, "none"))

    assert encoding.parts == [("age", "day", "weekday", "hour")]
    [row] = features(encoding, "2013-01-10 06:00")
    turns = 2 * np.pi * np.array([9 / 31, 3 / 7, 6 / 24])
    circles = np.stack([np.sin(turns), np.cos(turns)], axis=1).ravel()
    age = (date(2013, 1, 10) - date(1970, 1, 1)).days / 365.2425 + 0.25 / 365.2425
    np.testing.assert_allclose(row, [age, 10, 3, 6, *circles], rtol=1e-6)


def test_several_columns_keep_their_features_side_by_side_and_in_their_place() -> None:
    columns = (Column("n"), Column("a", "date"), Column("c", "categorical", ("x", "y")), Column("b", "date"))
    x = read_rows(
        [[1, "2013-01-01", "x", "2014-05-01"], [2, "2014-01-01", "y", "2014-06-01"], [3, None, "y", "2014-07-01"]],
        columns,
    )

    table = fit_table(partial(Scaled.fit, "none"), x, columns)
    X = table(x, np.empty((3, table.features), np.float32))

    assert table.encodings["date"].parts == [("age", "year", "weekday"), ("age", "month", "weekday")]
    assert table.widths == [1, 5, 2, 7]
    np.testing.assert_allclose(X[:, 0], [1, 2, 3])
    np.testing.assert_allclose(X[:2, 2], [2013, 2014])
    np.testing.assert_allclose(X[2, 4:6], 0, err_msg="a missing moment is in the middle of its circles")
    np.testing.assert_allclose(X[:, 6:8], [[1, 0], [0, 1], [0, 1]])
    np.testing.assert_allclose(X[:, 9], [5, 6, 7])


@pytest.mark.parametrize(
    "cells", [("2013-10-10",) * 5, (None,) * 5, ("2013-10-10", None) * 3, ("0001-01-01", "9999-12-31")]
)
@pytest.mark.parametrize("numbers", [PiecewiseLinear.fit, partial(Scaled.fit, "standardize")])
@pytest.mark.filterwarnings("error")
def test_strange_columns_become_finite_features_without_a_warning(cells: tuple[str | None, ...], numbers) -> None:
    encoding = CalendarParts.fit(moments(*cells), numbers)

    X = features(encoding, *cells, "2024-02-29 23:59:59", None)

    assert X.shape[1] == sum(encoding.widths)
    assert np.isfinite(X).all()


@pytest.mark.parametrize("numbers", [PiecewiseLinear.fit, partial(Scaled.fit, "standardize")])
def test_the_encoding_travels_with_the_table(numbers, rng: np.random.Generator) -> None:
    columns = (Column("n"), WHEN, Column("then", "date", day_first=True))
    x = np.column_stack([rng.random(50), rng.random(50) * 1e9, np.where(rng.random(50) < 0.3, np.nan, 1e9)])
    table = fit_table(numbers, x, columns)

    again = Table.from_config(table.config(), 3)

    assert again.config() == table.config()
    assert again.columns[2].day_first is True
    shape = (50, table.features)
    np.testing.assert_array_equal(again(x, np.empty(shape, np.float32)), table(x, np.empty(shape, np.float32)))


@pytest.mark.parametrize("parts", [[], [["age"], ["age"]], [["year", "age"]], [["century"]], [[]]])
def test_a_damaged_description_is_refused(parts: list[list[str]]) -> None:
    config = CalendarParts.fit(moments("2013-01-07", "2013-02-09"), partial(Scaled.fit, "none")).config()

    with pytest.raises(FormatError, match="age, year, month, day, weekday, hour"):
        CalendarParts.from_config(config | {"parts": parts}, [WHEN])


def test_values_of_rows_are_text_dates_or_missing() -> None:
    notes = Notes()
    there = datetime(2013, 10, 10, 1, tzinfo=UTC)
    values = ["2013-10-10", "10.10.2013", date(2013, 10, 10), there, np.datetime64("2013-10-10"), None, "NA", "", "-"]

    x = read_rows([[value] for value in values], [WHEN], notes=notes)

    day = 1381363200.0
    np.testing.assert_array_equal(x[:, 0], [day, day, day, day + 3600, day, *[np.nan] * 4])
    assert [(note["column"], note["value"]) for note in notes.listed()] == [("when", "-")]


@pytest.mark.parametrize("value", ["soon", 20131010, True, [2013], "31/12/2013", "2013-02-29"])
def test_another_value_is_refused_with_its_row_and_column(value: object) -> None:
    with pytest.raises(
        RowError, match="when: expected a date such as 2013-10-10 or 2013-10-10T21:00:00Z, or null, got"
    ) as caught:
        read_rows([{"when": "2013-10-10"}, {"when": value}], [WHEN])

    assert (caught.value.row, caught.value.column) == (1, "when")


@pytest.mark.parametrize(("day_first", "day"), [(True, "2013-02-01"), (False, "2013-01-02")])
def test_the_order_of_day_and_month_is_that_of_the_training_file(day_first: bool, day: str) -> None:
    [[seconds]] = read_rows([["1/2/2013"]], [Column("when", "date", day_first=day_first)])

    assert text_of(seconds) == day


def test_a_moment_far_from_training_is_noted_as_a_date() -> None:
    notes = Notes()

    read_rows([["2050-01-01"]], [WHEN.measured(moments("2013-01-01", "2014-01-01")[:, 0])], notes=notes)

    assert notes.listed() == [
        {
            "column": "when",
            "value": "2050-01-01",
            "rows": 1,
            "detail": "far from what training saw: 2013-01-01 to 2014-01-01",
        }
    ]


@pytest.mark.parametrize("name", ["npz", "safetensors"])
def test_a_network_learns_what_hangs_on_the_weekday_and_keeps_it(rng: np.random.Generator, name: str) -> None:
    days = np.sort(rng.choice(2000, 800, replace=False)) * DAY + 1.4e9 // DAY * DAY
    weekend = ((days // DAY + 3) % 7 >= 5).astype(np.int64)
    data = Dataset(
        days[:600, None],
        weekend[:600],
        days[600:, None],
        weekend[600:],
        "classification",
        ("work", "rest"),
        (1,),
        "d",
        (WHEN,),
    )
    model = Model.build(data, hidden_layers=[16], rng=rng)

    fit(model, data.x_train, data.y_train, TrainingOptions(epochs=30, batch_size=32, optimizer="adam"), rng=rng)

    assert (model.predict(data.x_test) == data.y_test).mean() > 0.98
    again = load(save(model, name), name)
    np.testing.assert_array_equal(again.predict_probabilities(data.x_test), model.predict_probabilities(data.x_test))

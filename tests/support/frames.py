"""Random frames of pandas, with what each of their columns means; and the ways in which people store them."""

import io
import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
from hypothesis import strategies as st

from tests.support.needs import module

pa, pd = module("pyarrow"), module("pandas")

WORDS = st.text("abstwz éß_'\",;|\n\t.-#1", max_size=6).map(lambda tail: f"w{tail}o")
"""Text that is no number, with all that separates fields, rows and quotes in it."""

INTEGERS = ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")


@dataclass(frozen=True)
class Made:
    """A frame, and the values of each of its columns: float, str, or None where one is missing."""

    frame: Any
    meaning: dict[str, list[float | str | None]]


EIGHTHS = st.integers(-(2**20), 2**20).map(lambda eighths: eighths / 8)
"""Numbers that float32 and short decimals hold alike."""

DAYS = st.dates(date(1970, 1, 1), date(2100, 1, 1)).map(pd.Timestamp)
MOMENTS = st.integers(1, 86_399).flatmap(lambda second: DAYS.map(lambda day: day + pd.Timedelta(seconds=second)))

CENTS = st.integers(-9999, 9999).map(lambda cents: Decimal(cents) / 100)


Pool = st.SearchStrategy[list[Any]]
"""A few values of a column; its rows are drawn from them."""


def _pool(values: st.SearchStrategy[Any], *, fewest: int = 1, missing: bool = False) -> Pool:
    pools = st.lists(values, min_size=fewest, max_size=4, unique=True)
    return st.tuples(pools, st.booleans()).map(lambda drawn: drawn[0] + [None] * drawn[1]) if missing else pools


def _whole(dtype: str, *, missing: bool = False) -> Pool:
    info = np.iinfo(dtype)
    return _pool(st.one_of(st.integers(0, 3), st.integers(int(info.min), int(info.max))), missing=missing)


def _numbers(values: list[Any]) -> list[float | None]:
    return [None if value is None or value != value else float(value) for value in values]


def _texts(values: list[Any]) -> list[str | None]:
    return [None if value is None else str(value) for value in values]


def _days(values: list[Any]) -> list[str | None]:
    return [None if value is None else str(value.date()) for value in values]


def _truths(values: list[Any]) -> list[str | None]:
    return [None if value is None else "true" if value else "false" for value in values]


WORDS_AGAIN = _pool(WORDS, fewest=2, missing=True)

Kind = tuple[Pool, str, Callable[[list[Any]], list[Any]]]

KINDS: dict[str, Kind] = {
    **{dtype: (_whole(dtype), dtype, _numbers) for dtype in INTEGERS},
    "float64": (_pool(st.floats(-1e30, 1e30), missing=True), "float64", _numbers),
    "float32": (_pool(EIGHTHS, missing=True), "float32", _numbers),
    "Int64": (_whole("int64", missing=True), "Int64", _numbers),
    "UInt8": (_whole("uint8", missing=True), "UInt8", _numbers),
    "Float64": (_pool(EIGHTHS, missing=True), "Float64", _numbers),
    "bool": (_pool(st.booleans()), "bool", _truths),
    "boolean": (_pool(st.booleans(), missing=True), "boolean", _truths),
    "truth values": (_pool(st.booleans(), missing=True), "object", _truths),
    "words": (WORDS_AGAIN, "object", _texts),
    "string": (WORDS_AGAIN, "string", _texts),
    "category": (WORDS_AGAIN, "category", _texts),
    "category of numbers": (_pool(st.integers(0, 5)), "category", _numbers),
    "days": (_pool(DAYS, fewest=2, missing=True), "datetime64[us]", _days),
    "moments": (_pool(MOMENTS, fewest=2, missing=True), "datetime64[us]", _texts),
    "decimal": (_pool(CENTS, missing=True), "object", _numbers),
}
"""By name: some values, the dtype that holds them, and what they mean."""


INDEXES: dict[str, Callable[[int, np.random.Generator], Any]] = {
    "range": lambda rows, _: pd.RangeIndex(rows),
    "shuffled": lambda rows, rng: pd.Index(rng.permutation(rows)),
    "filtered": lambda rows, rng: pd.Index(np.sort(rng.choice(10 * rows, rows, replace=False))),
    "sampled": lambda rows, rng: pd.Index(rng.choice(10 * rows, rows, replace=False)),
    "named": lambda rows, rng: pd.Index(rng.permutation(rows), name="number"),
    "two levels": lambda rows, rng: pd.MultiIndex.from_arrays(
        [np.arange(rows) // 2, rng.permutation(rows)], names=["group", "member"]
    ),
}


@st.composite
def frames(draw: Any, *, fewest: int = 4, most: int = 40, target: bool = False) -> Made:
    """Frames of two to six columns, of all dtypes, under all kinds of index; with a column `target` of two classes."""
    rows = draw(st.integers(fewest, most))
    rng = np.random.default_rng(draw(st.integers(0, 999)))
    series, meaning = {}, {}
    for place, kind in enumerate(draw(st.lists(st.sampled_from(sorted(KINDS)), min_size=2, max_size=6))):
        pools, dtype, means = KINDS[kind]
        pool, name = draw(pools), f"c{place} {kind}"
        values = [pool[rng.integers(len(pool))] for _ in range(rows)]
        series[name], meaning[name] = pd.Series(values, dtype=dtype), means(values)
    if target:
        meaning["target"] = ["no", "yes"] * (rows // 2) + ["no"] * (rows % 2)
        series["target"] = pd.Series(meaning["target"])
    frame = pd.DataFrame(series)
    index = draw(st.sampled_from(sorted(INDEXES)))
    frame.index = INDEXES[index](rows, rng)
    return Made(frame, meaning)


ARROW: dict[str, tuple[Pool, Any, Callable[[list[Any]], list[Any]]]] = {
    **{dtype: (_whole(dtype, missing=True), getattr(pa, dtype)(), _numbers) for dtype in INTEGERS},
    "half": (_pool(st.integers(-64, 64).map(lambda eighths: eighths / 8), missing=True), pa.float16(), _numbers),
    "float": (_pool(EIGHTHS, missing=True), pa.float32(), _numbers),
    "double": (_pool(st.floats(-1e30, 1e30) | st.just(math.nan), missing=True), pa.float64(), _numbers),
    "decimal128": (_pool(CENTS, missing=True), pa.decimal128(12, 2), _numbers),
    "decimal256": (_pool(CENTS, missing=True), pa.decimal256(50, 2), _numbers),
    "bool": (_pool(st.booleans(), missing=True), pa.bool_(), _truths),
    "string": (WORDS_AGAIN, pa.string(), _texts),
    "large_string": (WORDS_AGAIN, pa.large_string(), _texts),
    "string_view": (WORDS_AGAIN, pa.string_view(), _texts),
    "dictionary": (WORDS_AGAIN, pa.dictionary(pa.int8(), pa.string()), _texts),
    "dictionary of numbers": (_pool(st.integers(0, 99), missing=True), pa.dictionary(pa.int32(), pa.int64()), _numbers),
    "null": (st.just([None]), pa.null(), _texts),
}
"""By name: some values, the Arrow type that holds them, and what they mean."""


@st.composite
def arrow_tables(draw: Any) -> Made:
    """Tables of two to six columns, of all types of Arrow that hold numbers, text or truth values."""
    rows = draw(st.integers(4, 40))
    rng = np.random.default_rng(draw(st.integers(0, 999)))
    arrays, meaning = {}, {}
    for place, kind in enumerate(draw(st.lists(st.sampled_from(sorted(ARROW)), min_size=2, max_size=6))):
        pools, type_, means = ARROW[kind]
        pool = draw(pools)
        values = [pool[rng.integers(len(pool))] for _ in range(rows)]
        arrays[f"c{place}"], meaning[f"c{place}"] = pa.array(values, type_), means(values)
    return Made(pa.table(arrays), meaning)


def to_parquet(frame: Any, **options: Any) -> bytes:
    """The frame as pandas stores it."""
    file = io.BytesIO()
    frame.to_parquet(file, **options)
    return file.getvalue()


def to_csv(frame: Any, *, encoding: str = "utf-8", **options: Any) -> bytes:
    """The frame as pandas writes it."""
    return frame.to_csv(**options).encode(encoding)

"""From what a reader gives to a data set: the target found, the task decided, a test part split off.

What was not said is guessed, and what was guessed is said.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from nn.arrays import AnyArray, Indices
from nn.data.array_conventions import channels_last, classes_of_one_hot, is_channels_first, is_one_hot, turned
from nn.data.columns import Column
from nn.data.dataset import Dataset, Task
from nn.data.labels import encode_labels
from nn.data.names import check_names
from nn.data.notation import WHOLE
from nn.data.parse_results import MAX_CATEGORIES, TARGET_NAMES, ParsedArrays, ParsedTable
from nn.data.split import split
from nn.data.table_scan import AS_ASKED, FIRST, HEADER, NO_NAME, reasons
from nn.errors import DataError

MOST_GUESSED_CLASSES: Final = 20
FEWEST_ROWS: Final = 4
MAX_FEATURES: Final = 1_000_000
WITHOUT_TARGET: Final = "all of its values are missing in the rows that have a target"
LAST: Final = f"the last column, for none is called {', '.join(TARGET_NAMES[:-1])} or {TARGET_NAMES[-1]}"


@dataclass(frozen=True)
class Choices:
    """What the one who sent the data said of it; None: guess."""

    name: str
    target: str | None = None
    task: Task | None = None
    test_split: float = 0.2
    seed: int = 0


@dataclass(frozen=True)
class Prepared:
    """A data set, the name of its target, what was guessed, and why each column that is not used is left out."""

    dataset: Dataset
    target: str | None
    notes: tuple[str, ...]
    left_out: Mapping[str, str] = field(default_factory=dict)


def prepare(data: ParsedTable | ParsedArrays, choices: Choices) -> Prepared:
    """The data set; DataError that names row and column."""
    check_names(data)
    return _from_table(data, choices) if isinstance(data, ParsedTable) else _from_arrays(data, choices)


def _from_table(table: ParsedTable, choices: Choices) -> Prepared:
    target, how = _find_target(table, choices)
    names = [column.name for column in table.columns]
    place = names.index(target)
    column, targets = table.columns[place], table.values[:, place]
    if column.kind == "date":
        raise DataError(
            f"target: expected numbers or names, got {target!r}, which holds dates; say "
            + (f"target=… if it is another ({how}), or " if how else "")
            + f"categorical={target} if each of them is a class"
        )
    there = np.flatnonzero(~np.isnan(targets))
    notes = [*table.notes, *([how] if how else [])]
    if len(there) < len(targets):
        first = int(np.isnan(targets).argmax()) + 1
        lacking = len(targets) - len(there)
        notes.append(
            f"{lacking} rows without a target are left out, the first is row {first}"
            if lacking > 1
            else f"row {first} is left out: it has no target"
        )
    guessed = f" ({how}; say target=… if it is another)" if how else ""
    if len(there) < FEWEST_ROWS <= len(targets):
        guessed = f"; {len(targets) - len(there)} of {len(targets)} rows have no target{guessed}"
    if len(table.columns) < 2:
        why = f": {reasons(table.ignored)}" if table.ignored else ""
        raise DataError(f"columns: expected one at least beside the target {target!r}, got none{why}{guessed}")
    task = choices.task
    if task is None:
        task = "classification" if column.kind == "categorical" else _guess_task(targets[there])
        notes.append(f"the task is {task}: {_why(column, targets[there])}")
    try:
        y, classes = _targets(targets[there], task, column)
        train, test = _parts(y, task, choices)
    except DataError as error:
        raise DataError(f"{error}{guessed}") from None
    others = [other for other in range(len(names)) if other != place]
    empty = set()  # in the whole file no column is
    if len(there) < len(targets):
        empty = {other for other in others if np.isnan(table.values[there, other]).all()}
    places = [other for other in others if other not in empty]
    left_out = dict(table.ignored) | {names[other]: WITHOUT_TARGET for other in others if other in empty}
    if not places:
        raise DataError(f"columns: expected one at least beside the target {target!r}, got none: {reasons(left_out)}")
    notes += [f"column {name!r} is left out: {reason}" for name, reason in left_out.items()]
    x_train, x_test = _take(table.values, places, there[train], there[test])
    dataset = Dataset(
        x_train,
        y[train],
        x_test,
        y[test],
        task,
        classes,
        (len(places),),
        choices.name,
        tuple(table.columns[other] for other in places),
        target,
        tuple(left_out),
        there[train] + 1,
        there[test] + 1,
    )
    return Prepared(dataset, target, tuple(notes), left_out)


def _find_target(table: ParsedTable, choices: Choices) -> tuple[str, str]:
    """(the target's name, how it was found, "" when it was said): of all columns of the file, those that cannot be used
    too, so that none hands its part to the next one.
    """
    names = table.names or tuple(column.name for column in table.columns)
    target, how = choices.target, ""
    if target is None:
        usable = [name for name in names if table.ignored.get(name) not in (*NO_NAME, AS_ASKED)]
        by_name = next((name for usual in TARGET_NAMES for name in usable if name.lower() == usual), None)
        target = by_name or (usable or names)[-1]
        how = f"the target is {target!r}, " + ("by its name" if by_name else LAST)
    if target not in names:
        raise DataError(
            f"target: expected one of the columns {', '.join(names[:20])}{' …' * (len(names) > 20)}, got {target!r}"
            + (HEADER if names[0] == FIRST else "")
        )
    if target in table.ignored:
        said = f" ({how}; say target=… if it is another)" if how else ""
        raise DataError(f"target: expected a column that can be learned, got {target!r}: {table.ignored[target]}{said}")
    return target, how


def _from_arrays(arrays: ParsedArrays, choices: Choices) -> Prepared:
    if choices.target is not None:
        raise DataError(f"target: expected none, the targets are an array of their own, got {choices.target!r}")
    arrays = replace(arrays, y=_flat(arrays.y), y_test=None if arrays.y_test is None else _flat(arrays.y_test))
    notes = list(arrays.notes)
    if is_channels_first(arrays.x):
        notes.append(turned(arrays.x))
        x_test = arrays.x_test
        if x_test is not None and x_test.ndim == arrays.x.ndim:
            x_test = channels_last(x_test)
        arrays = replace(arrays, x=channels_last(arrays.x), x_test=x_test)
    x, y, shape = _rows(arrays.x, "x"), arrays.y, arrays.x.shape[1:]
    _check_targets(y, len(x), "y")
    task = choices.task
    if task is None:
        task = "regression" if y.ndim > 1 else "classification" if y.dtype.kind in "US" else _guess_task(y)
        notes.append(f"the task is {task}: {_why(None, y)}")
        if is_one_hot(y):
            notes.append(f"y looks one-hot: say task=classification for {y.shape[1]} classes")
    both = y if arrays.y_test is None else np.concatenate([y, arrays.y_test])
    target, classes = _targets(both, task, None)
    if arrays.x_test is None or arrays.y_test is None:
        train, test = _parts(target, task, choices)
        x_train, x_test = _take(x, range(x.shape[1]), train, test)
        y_train, y_test = target[train], target[test]
    else:
        x_train, x_test = x, _rows(arrays.x_test, "x_test")
        _check_targets(arrays.y_test, len(x_test), "y_test")
        if arrays.x_test.shape[1:] != shape:
            raise DataError(f"x_test: expected rows of shape {shape}, got {arrays.x_test.shape[1:]}")
        y_train, y_test = target[: len(x)], target[len(x) :]
    dataset = Dataset(x_train, y_train, x_test, y_test, task, classes, shape, choices.name)
    return Prepared(dataset, None, tuple(notes))


def _flat(y: AnyArray) -> AnyArray:
    """One target a row as (n,): some keep it as (n, 1)."""
    return y[:, 0] if y.ndim == 2 and y.shape[1] == 1 else y


def _rows(x: AnyArray, what: str) -> AnyArray:
    """Rows as (n, features) finite numbers."""
    if x.ndim < 2 or not 1 <= math.prod(x.shape[1:]) <= MAX_FEATURES:
        raise DataError(f"{what}: expected rows of 1 to {MAX_FEATURES} numbers, got shape {x.shape}")
    if x.dtype.kind not in "uifb":
        raise DataError(f"{what}: expected numbers, got {x.dtype}")
    rows = x.reshape(len(x), math.prod(x.shape[1:]))
    if not len(x):
        raise DataError(f"{what}: expected at least one row, got none")
    if rows.dtype.kind == "f" and not np.isfinite(rows).all():
        row, place = np.argwhere(~np.isfinite(rows))[0]
        raise DataError(
            f"row {row + 1}, column {place + 1} of {what}: expected a finite number, got {rows[row, place]}"
            "; send a table with missing values as CSV or Parquet"
        )
    return rows


def _check_targets(y: AnyArray, rows: int, what: str) -> None:
    if y.ndim not in (1, 2) or len(y) != rows:
        raise DataError(f"{what}: expected a target for each of {rows} rows, got shape {y.shape}")
    if y.dtype.kind == "f" and not np.isfinite(y).all():
        row = int(np.argwhere(~np.isfinite(y))[0][0])
        raise DataError(f"row {row + 1} of {what}: expected a finite target, got {y[row]}")
    if y.dtype.kind not in "uifbUS":
        raise DataError(f"{what}: expected numbers or text, got {y.dtype}")


def _guess_task(y: AnyArray) -> Task:
    """Few different whole numbers are classes."""
    distinct = np.unique(y)
    few = len(distinct) <= min(MOST_GUESSED_CLASSES, max(2, len(y) // 10))
    return "classification" if few and (distinct == np.floor(distinct)).all() else "regression"


def _why(column: Column | None, y: AnyArray) -> str:
    if (column is not None and column.kind == "categorical") or y.dtype.kind in "US":
        return "the targets are names"
    if y.ndim > 1:
        return f"there are {y.shape[1]} targets a row"
    distinct = len(np.unique(y))
    whole = bool((y == np.floor(y)).all())
    return f"the targets are {distinct} different {'whole ' if whole else ''}numbers"


def _targets(y: AnyArray, task: Task, column: Column | None) -> tuple[AnyArray, tuple[str, ...]]:
    """(targets, classes) as `Dataset` wants them."""
    if task == "regression":
        if (column is not None and column.kind == "categorical") or y.dtype.kind in "US":
            raise DataError("task: expected classification, the targets are names, got regression")
        return y.astype(np.float64), ()
    if y.ndim > 1:
        return classes_of_one_hot(y)
    if column is not None and column.kind == "categorical":
        names: Sequence[str] = np.array(column.categories, dtype=object)[y.astype(np.intp)].tolist()
    else:
        names = y.tolist()
        if y.dtype.kind == "f" and (np.abs(y) >= WHOLE).any():
            raise DataError(
                f"task: expected class numbers below 2⁵³, got {y.max():.17g}, which a float64 cannot tell from its "
                "neighbours; write them as names, or say that the target is categorical"
            )
    if len(set(names)) > MAX_CATEGORIES:
        raise DataError(f"task: expected at most {MAX_CATEGORIES} classes, got {len(set(names))}; say task=regression")
    return encode_labels(names)


def _parts(y: AnyArray, task: Task, choices: Choices) -> tuple[Indices, Indices]:
    """Rows to train on and rows to test with, classes in equal shares."""
    if len(y) < FEWEST_ROWS:
        raise DataError(f"rows: expected {FEWEST_ROWS} or more, got {len(y)}")
    if choices.test_split == 0:
        return np.arange(len(y)), np.arange(0)
    rng = np.random.default_rng(choices.seed)
    return split(y, choices.test_split, rng, stratify=task == "classification")


def _take(values: AnyArray, places: Sequence[int], *parts: Indices) -> tuple[AnyArray, ...]:
    """The columns at `places`, for each part its rows: bytes as bytes, other numbers as float32 where that holds each
    of them exactly, else as float64. Column by column, so that little more than the result is in memory.
    """
    dtype: npt.DTypeLike = np.uint8
    if values.dtype != np.uint8:
        dtype = np.float32 if all(_single(values[:, place]) for place in places) else np.float64
    taken = tuple(np.empty((len(rows), len(places)), dtype) for rows in parts)
    for target, place in enumerate(places):
        for rows, out in zip(parts, taken, strict=True):
            out[:, target] = values[rows, place]
    return taken


def _single(column: AnyArray) -> bool:
    """Whether float32 holds each number exactly."""
    with np.errstate(over="ignore"):
        return bool(np.array_equal(column.astype(np.float32), column, equal_nan=True))

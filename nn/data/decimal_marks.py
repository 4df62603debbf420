"""Which decimal mark each column of a file has, decided from all of its rows; refused where both would do."""

from collections.abc import Sequence
from typing import Final

from nn.data.notation import MARKS, Mark, Marks, written
from nn.data.type_inference import Cell, ColumnScan
from nn.errors import DataError

OTHER: Final[dict[Mark, Mark]] = {".": ",", ",": "."}
NAMES: Final[dict[Mark, str]] = {".": "point", ",": "comma"}


def decide_marks(scans: Sequence[ColumnScan], delimiter: str, marks: Marks) -> list[str]:
    """Set the decimal mark of each numeric column, and give notes of what was decided.

    A cell like `0,5` or `1.234,5` shows the mark; `1,200` alone could be either. Then the column's other cells decide,
    the file's other columns, and what is usual between such delimiters.

    Raises:
        DataError: a column has both marks, or it cannot be told; it names the column, a cell, and what to say.

    """
    for scan in scans:
        if scan.contrary is not None:
            raise DataError(
                f"row {scan.contrary.row}, column {scan.name!r}: expected a number with a decimal {NAMES[scan.mark]}, "
                f"as decimal={scan.mark} says, got {scan.contrary.text!r}; without decimal= each column is looked at"
            )
    numeric = [scan for scan in scans if scan.numeric]
    if marks.decimal is None:
        shown = {mark: [scan for scan in numeric if [*scan.clear] == [mark]] for mark in MARKS}
        for scan in numeric:
            scan.mark = _mark_of(scan, delimiter, {mark for mark in MARKS if any(s is not scan for s in shown[mark])})
    return [note for note in (_decimal_note(numeric), *map(_group_note, numeric), *map(_sign_note, numeric)) if note]


def _mark_of(scan: ColumnScan, delimiter: str, elsewhere: set[Mark]) -> Mark:
    """The mark of a column; `elsewhere` are those that other columns of the file show."""
    if len(scan.clear) == 2:
        raise DataError(
            f"column {scan.name!r}: expected one decimal mark, got a point ({scan.clear['.']}) and a comma "
            f"({scan.clear[',']}); correct them, or say categorical={scan.name} if numbers are names here"
        )
    for mark in scan.clear:
        return mark
    if len(scan.unclear) == 2:
        return _only(elsewhere) or _refuse(scan, scan.unclear[","])
    if "," in scan.unclear:
        return _mark_of_commas(scan, delimiter, elsewhere) or _refuse(scan, scan.unclear[","])
    if "." in scan.unclear:
        return _mark_of_points(scan, delimiter, elsewhere) or _refuse(scan, scan.unclear["."])
    return "."


def _mark_of_commas(scan: ColumnScan, delimiter: str, elsewhere: set[Mark]) -> Mark | None:
    """The mark of a column in which each comma could stand before a group of three; None where it cannot be told."""
    small, large = scan.ungrouped
    if small and not large:  # who writes 950 and 1,200 groups thousands, unless the file says otherwise
        return None if "," in elsewhere else "."
    if elsewhere:
        return _only(elsewhere)
    return "." if delimiter == "," and not large else None


def _mark_of_points(scan: ColumnScan, delimiter: str, elsewhere: set[Mark]) -> Mark | None:
    """The mark of a column in which each point could stand before a group of three."""
    if elsewhere:
        return _only(elsewhere)
    return "." if delimiter != ";" or scan.ungrouped[1] else None


def _only(marks: set[Mark]) -> Mark | None:
    return next(iter(marks)) if len(marks) == 1 else None


def _refuse(scan: ColumnScan, cell: Cell) -> Mark:
    number = written(cell.text)
    assert number is not None  # noqa: S101  # it was counted as one
    raise DataError(
        f"row {cell.row}, column {scan.name!r}: {cell.text!r} may be {number.point:g} or {number.comma:g}, and nothing "
        "in the file tells; say decimal=. if decimals are written with a point, decimal=, if with a comma"
    )


def _decimal_note(numeric: Sequence[ColumnScan]) -> str:
    names = [scan.name for scan in numeric if scan.mark == "," and "," in scan.clear | scan.unclear]
    if not names:
        return ""
    return f"decimals are written with a comma in {', '.join(map(repr, names[:10]))}" + (
        f" … ({len(names)} columns in all)" if len(names) > 10 else ""
    )


def _group_note(scan: ColumnScan) -> str:
    other = OTHER[scan.mark]
    cell = scan.unclear.get(other) or scan.clear.get(scan.mark)
    if cell is None or other not in cell.text:
        return ""
    number = written(cell.text)
    value = None if number is None else number.by(scan.mark)
    return f"column {scan.name!r}: thousands are grouped by a {NAMES[other]}, {cell} is {value:.12g}"


def _sign_note(scan: ColumnScan) -> str:
    if not scan.signs:
        return ""
    shown = ", ".join(
        f"{cell.text!r} is {number.by(scan.mark):.12g}"
        for cell in list(scan.signs.values())[:3]
        if (number := written(cell.text)) is not None and number.by(scan.mark) is not None
    )
    return f"column {scan.name!r}: signs and blanks of numbers are taken off: {shown}"

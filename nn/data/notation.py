"""Numbers as people write them: a decimal point or comma, digits in groups of three, signs around them.

`1,200` is 1200 to one writer and 1.2 to another. A cell alone cannot say which: `Written` holds both readings, and
`nn.data.type_inference` decides for a column, from all of its cells.
"""

import math
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

Numbers: TypeAlias = npt.NDArray[np.float64]
Mark: TypeAlias = Literal[".", ","]

MISSING: Final = frozenset(
    {
        "",
        "?",
        "NA",
        "N/A",
        "#N/A",
        "#N/A N/A",
        "#NA",
        "<NA>",
        "n/a",
        "na",
        "NaN",
        "nan",
        "NAN",
        "-NaN",
        "-nan",
        "None",
        "NULL",
        "Null",
        "null",
        "1.#IND",
        "-1.#IND",
        "1.#QNAN",
        "-1.#QNAN",
    }
)
"""What stands for a missing value in text: what pandas takes for it, and the question mark of the UCI repository."""

PLACEHOLDERS: Final = frozenset(
    {
        "-",
        "--",
        "---",
        "–",
        "—",
        ".",
        "..",
        "...",
        "*",
        "unknown",
        "missing",
        "none",
        "nil",
        "n.a.",
        "n.a",
        "not available",
        "nat",
        "\\n",
        "<null>",
        "(null)",
        "#div/0!",
        "#value!",
        "#ref!",
        "#num!",
        "#name?",
        "#null!",
    }
)
"""What people write, in lower case, where a number is missing: missing in a column of numbers, a name among names."""

WHOLE: Final = 2.0**53
"""From here on a float64 has not every whole number."""

MARKS: Final[tuple[Mark, ...]] = (".", ",")
BLANKS: Final = " \u00a0\u2007\u2009\u202f"
"""Those that stand between groups of three: plain, without a break, of a figure's width, thin, thin without a break."""

GROUPS: Final = (",", ".", "'", " ")
"""What `thousands=` may name; an apostrophe stands for the curly one too, a blank for each of `BLANKS`."""

_NUMBER = re.compile(
    rf"(?P<open>\()?[{BLANKS}]*(?P<sign>[+\-\u2212])?[{BLANKS}]*(?P<currency>[$€£¥])?[{BLANKS}]*(?P<inner>[\-\u2212])?"
    rf"(?P<body>[0-9.,'’{BLANKS}]*[0-9][.,]?)(?P<exponent>[eE][+-]?[0-9]+)?"
    rf"[{BLANKS}]*(?P<unit>[%$€£¥])?[{BLANKS}]*(?P<close>\))?"
)
_BODY: Final = {
    mark: re.compile(
        rf"(?P<whole>[0-9]+|[1-9][0-9]{{0,2}}(?P<group>[{other}'’{BLANKS}])[0-9]{{3}}(?:(?P=group)[0-9]{{3}})*)?"
        rf"(?:\{mark}(?P<fraction>[0-9]*))?"
    )
    for mark, other in ((".", ","), (",", "."))
}
_UNCLEAR: Final = {mark: re.compile(rf"[+-]?[1-9][0-9]{{0,2}}\{mark}[0-9]{{3}}") for mark in MARKS}
_LEADING_ZERO = re.compile("\n[ \t]*[+-]?0[0-9]")


@dataclass(frozen=True, slots=True)
class Written:
    """A number as it was written: its value by the decimal point, and by the decimal comma; None where it has none.

    `signs` are those that were taken off: `%`, `(`, a currency, blanks and apostrophes between groups of three.
    """

    point: float | None
    comma: float | None
    signs: str
    leading_zero: bool

    @property
    def clear(self) -> Mark | None:
        """The decimal mark that it shows beyond doubt; None when both readings agree, or neither can be excluded."""
        if self.point is None or self.comma is None:
            return "," if self.point is None else "."
        return None

    @property
    def unclear(self) -> bool:
        """Whether the two readings differ: `1,200`, `1.200`."""
        return self.clear is None and self.point != self.comma

    def by(self, mark: Mark) -> float | None:
        """Its value with this decimal mark."""
        return self.point if mark == "." else self.comma


@dataclass(frozen=True)
class Marks:
    """What may be used. `decimal`: the decimal mark, None where either may be; `thousands`: of `GROUPS`, None: any.

    A mark that groups thousands is no decimal mark: `thousands` alone says the other one, too.
    """

    decimal: Mark | None = None
    thousands: str | None = None

    def __post_init__(self) -> None:
        if self.decimal is None and self.thousands in (",", "."):
            object.__setattr__(self, "decimal", "." if self.thousands == "," else ",")


EITHER: Final = Marks()


@lru_cache(maxsize=1 << 16)
def written(cell: str, marks: Marks = EITHER) -> Written | None:
    """The number that a cell holds; None when it is none. Digits are those of ASCII: 1_000 and ١٢ are no numbers."""
    match = _NUMBER.fullmatch(cell.strip())
    if match is None:
        return None
    part = match.groupdict()
    signs = [name for name in ("sign", "inner", "open") if part[name]]
    if (part["open"] is None) != (part["close"] is None) or len(signs) > 1:
        return None
    if part["currency"] and part["unit"] not in (None, "%"):
        return None
    body, exponent = part["body"].strip(BLANKS), part["exponent"] or ""
    negative = bool(part["open"] or part["inner"] or (part["sign"] or "+") != "+")
    point, comma = (_value(body, exponent, mark, marks, negative=negative) for mark in MARKS)
    if point is None and comma is None:
        return None
    off = "".join(sign for sign in (part["open"], part["currency"], part["unit"]) if sign)
    off += "".join(sorted(set(body) & set(f"'’{BLANKS}")))
    return Written(point, comma, off, leading_zero=body[0] == "0" and body[1:2].isdigit())


def _value(body: str, exponent: str, mark: Mark, marks: Marks, *, negative: bool) -> float | None:
    if marks.decimal not in (None, mark):
        return None
    match = _BODY[mark].fullmatch(body)
    if match is None:
        return None
    whole, group, fraction = match["whole"] or "", match["group"], match["fraction"] or ""
    if group is not None:
        kind = "'" if group in "'’" else " " if group in BLANKS else group
        if marks.thousands not in (None, kind):
            return None
        whole = whole.replace(group, "")
    if not whole and not fraction:
        return None
    value = float(f"{whole}.{fraction}{exponent}")
    return -value if negative else value


@dataclass(frozen=True, slots=True)
class Plain:
    """Numbers of many cells at once, written without signs and groups; `mark` is the decimal mark that they have.

    `clear`: the place of the first cell that shows the mark beyond doubt, None where none does; `unclear`: of the first
    one that could be a group of three (`1.200`); `leading_zero`: whether one has a zero before another digit.
    """

    values: Numbers
    mark: Mark
    clear: int | None
    unclear: int | None
    leading_zero: bool


def plain(cells: Sequence[str], marks: Marks, known: Collection[Mark] = ()) -> Plain | None:
    """Cells that are numbers or missing, by the fast way; None when one needs a closer look. `known` are the marks that
    the column has shown already: no cell is looked for that shows them.
    """
    if marks.decimal != "," and (values := _floats(cells)) is not None:
        mark: Mark = "."
    elif marks.decimal != "." and (values := _floats([cell.replace(",", ".") for cell in cells])) is not None:
        mark = ","
    else:
        return None
    together = "\n" + "\n".join(cells)
    if "_" in together or not together.isascii():  # Python would take 1_000 and ١٢ for numbers
        return None
    if mark == "," and "." in together:
        return None
    clear = unclear = None
    if mark not in known and mark in together:
        for place, cell in enumerate(cells):
            if mark not in cell:
                continue
            if _UNCLEAR[mark].fullmatch(cell.strip()) is None:
                clear = place
                break
            unclear = place if unclear is None else unclear
    return Plain(values, mark, clear, unclear, _LEADING_ZERO.search(together) is not None)


def _floats(cells: Sequence[str]) -> Numbers | None:
    try:
        return np.array(list(map(float, cells)))
    except ValueError:
        pass
    try:
        return np.array([math.nan if cell in MISSING else float(cell) for cell in map(str.strip, cells)])
    except ValueError:
        return None

"""A file means what it says: small files as people write them, each with the values that are right.

A new file is one row of a table under `readings/`.
"""

import csv
import io

import pytest

from tests.worker.readings.case import Case, check
from tests.worker.readings.tables import CASES

ROWS = [["Zürich", 12.5, 3, "ja"], ["Köln", -0.25, None, "nein"], ["Zürich", 1234.75, 20, "ja"], ["Köln", 7.5, 1, "ja"]]
NAMES = ["Ort", "Größe, in m", "Zahl", "gut"]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_file_is_read_as_it_was_meant(case: Case) -> None:
    check(case)


def test_each_case_has_a_name_of_its_own() -> None:
    assert len({case.id for case in CASES}) == len(CASES)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"], ids=["comma", "semicolon", "tab", "bar"])
@pytest.mark.parametrize("decimal", [".", ","], ids=["point", "decimal-comma"])
@pytest.mark.parametrize("header", [True, False], ids=["names", "no-names"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "windows-1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
def test_one_table_is_read_alike_in_every_dialect(
    delimiter: str, decimal: str, header: bool, encoding: str, end: str
) -> None:
    said = {"encoding": encoding} if encoding == "windows-1252" else {}
    names = NAMES if header else [f"column_{place}" for place in range(1, 5)]
    columns = dict(zip(names, map(list, zip(*ROWS, strict=True)), strict=True))

    check(Case("one table", written(delimiter, decimal, end, header=header).encode(encoding), said, columns))


def written(delimiter: str, decimal: str, end: str, *, header: bool) -> str:
    """The table as a program writes it in this dialect."""
    file = io.StringIO()
    writer = csv.writer(file, delimiter=delimiter, lineterminator=end)
    if header:
        writer.writerow(NAMES)
    for row in ROWS:
        writer.writerow("" if cell is None else str(cell).replace(".", decimal) for cell in row)
    return file.getvalue()

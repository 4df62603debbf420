"""All files of the tables beside this module."""

from tests.worker.readings import (
    dates,
    decimals,
    delimiters,
    headers,
    marks,
    names,
    odd_cells,
    row_numbers,
    targets,
    text,
)

TABLES = (decimals, marks, odd_cells, names, dates, text, delimiters, headers, row_numbers, targets)

CASES = [case for table in TABLES for case in table.CASES]

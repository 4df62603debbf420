"""Names of columns in one line of text, as a query has them, or as a list, as JSON has them."""

import csv
import io
from collections.abc import Sequence
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field

MOST_CHARACTERS: Final = 2000


def split(text: str) -> frozenset[str]:
    """The names in a text, separated by commas; one that holds a comma stands in double quotes (RFC 4180)."""
    names = (name.strip() for row in csv.reader(io.StringIO(text), skipinitialspace=True) for name in row)
    return frozenset(name for name in names if name)


def join(names: Sequence[str]) -> str:
    """The text that `split` splits into these names."""
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(names)
    return line.getvalue()


def _joined(given: Any) -> Any:
    return join(given) if isinstance(given, list) and all(isinstance(name, str) for name in given) else given


NAMES: Final = BeforeValidator(_joined)

Names = Annotated[str, NAMES, Field(max_length=MOST_CHARACTERS)]
"""The text, also where a list comes."""

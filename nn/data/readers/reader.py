"""What a reader is: how a format begins and is called, and what makes data of such a file."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import BinaryIO, TypeAlias

from nn.data.parse_results import ParsedArrays, ParsedTable
from nn.data.readers.options import ReadOptions
from nn.data.table_scan import TableSource, read_table

Files: TypeAlias = Mapping[str, BinaryIO]
"""The files of one upload by the name of their field: `file`, and for formats that keep labels apart, those."""


@dataclass(frozen=True)
class Reader:
    """One format. FormatError or DataError, naming row and column, for a file that cannot be read.

    `magic`: how a file begins; `extensions`: how its name ends; `says`: what people call it. A format of arrays has
    `arrays`; one of tables has `source`, the table before it is read.
    """

    name: str
    magic: tuple[bytes, ...]
    extensions: tuple[str, ...]
    says: str
    arrays: Callable[[Files, ReadOptions], ParsedArrays] | None = None
    source: Callable[[Files, ReadOptions], TableSource] | None = None

    def __call__(self, files: Files, options: ReadOptions) -> ParsedTable | ParsedArrays:
        """All that is in the files."""
        if self.source is not None:
            return read_table(self.source(files, options), options)
        assert self.arrays is not None, "a reader has one of the two"  # noqa: S101  # for the types
        return self.arrays(files, options)

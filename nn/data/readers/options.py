"""What a reader is told by the one who sent the file."""

from dataclasses import dataclass

from nn.data.notation import EITHER, Marks


@dataclass(frozen=True)
class ReadOptions:
    """What was said of a file; what was not said is read off it.

    `header`: whether the first row names the columns. `categorical`: names of columns whose numbers are names.
    `target`: the column to learn. `leave_out`: columns to leave out. `marks`: how numbers are written. `encoding`: of
    the text. `known`: names of a model's columns, in their order, when rows are read for it. `labelled`: whether arrays
    need targets. `most_bytes`: what a compressed file may unpack to.
    """

    header: bool | None = None
    categorical: frozenset[str] = frozenset()
    most_bytes: int = 1 << 30
    target: str | None = None
    leave_out: frozenset[str] = frozenset()
    marks: Marks = EITHER
    encoding: str | None = None
    known: tuple[str, ...] = ()
    labelled: bool = True

    @property
    def named(self) -> frozenset[str]:
        """Columns that the sender wants used, whatever they look like."""
        return self.categorical | ({self.target} if self.target is not None else set())

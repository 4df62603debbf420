"""What a reader is told by the one who sent the file."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ReadOptions:
    """`header`: whether the first row names the columns; None: the reader looks. `categorical`: names of columns whose
    numbers are names. `most_bytes`: what a compressed file may unpack to.
    """

    header: bool | None = None
    categorical: frozenset[str] = frozenset()
    most_bytes: int = 1 << 30

"""Lines of text in a file from outside: its encoding found or said, lines ended in any of the three ways."""

import contextlib
import io
from collections.abc import Iterator
from typing import BinaryIO, Final

from nn.errors import FormatError

MAX_LINE: Final = 1 << 24
"""Characters of one line. A line is in memory as a whole."""

BYTE_ORDER_MARKS: Final = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def encoding_of(file: BinaryIO, said: str | None) -> str:
    """The encoding of a text: by its byte order mark, else what was said, else UTF-8."""
    file.seek(0)
    start = file.read(4)
    for mark, encoding in BYTE_ORDER_MARKS:
        if start.startswith(mark):
            return encoding
    return "utf-8" if said is None else said


def lines(file: BinaryIO, encoding: str) -> Iterator[str]:
    """The lines, each with its end, from the file's beginning: LF, CR LF or CR.

    Raises:
        FormatError: bytes that are none of this encoding, or a line that is longer than `MAX_LINE`; it names the line.

    """
    file.seek(0)
    text = io.TextIOWrapper(file, encoding, newline="")
    number = 0
    try:
        while line := text.readline(MAX_LINE + 1):
            number += 1
            if len(line) > MAX_LINE:
                raise FormatError(f"line {number}: expected at most {MAX_LINE} characters, got more")
            yield line
    except UnicodeDecodeError as error:
        place = number + 1 + error.object[: error.start].count(b"\n")
        came = error.object[error.start : error.start + 1].hex()
        raise FormatError(
            f"line {place}: expected text in {encoding.upper().removesuffix('-SIG')}, got the byte {came}; save the "
            "file as UTF-8, or say its encoding, such as encoding=windows-1252"
        ) from None
    finally:
        with contextlib.suppress(ValueError):  # the file was closed before: these lines were not read to their end
            text.detach()

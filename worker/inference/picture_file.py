"""A picture's file: what decoding it costs is bounded by what the file says, before anything is decoded.

A few bytes can ask for much: pixels of one colour, empty scans of a progressive JPEG that each go over the whole
picture again (libjpeg-turbo, "Two issues with the JPEG standard", LJT-01-004), packed chunks of a PNG that nobody
reads, millions of empty ones. So pixels are counted for the whole request, and parts for each file.
"""

import io
import struct
import zlib
from collections.abc import Iterator
from typing import Final

from PIL import Image

from worker.errors import BrokenBodyError, PredictionInputError

FORMATS: Final = ("PNG", "JPEG")
PNG_MAGIC: Final = b"\x89PNG\r\n\x1a\n"
JPEG_MAGIC: Final = b"\xff\xd8"

MAX_PIXELS: Final = 4096 * 4096
"""Of all pictures of a request."""

MAX_SCANS: Final = 100
"""Of a JPEG. Encoders write ten of a progressive one; libjpeg-turbo's own fuzzers stop at 500."""

MAX_SEGMENTS: Final = 1000
"""Of a JPEG, before its pixels. A colour profile in parts takes 255 at most."""

MAX_CHUNKS: Final = 100
"""Of a PNG, beside those with its pixels, of which there may be one more for each `BYTES_PER_CHUNK` bytes."""
BYTES_PER_CHUNK: Final = 512

PIXELS: Final = frozenset({b"IDAT", b"fdAT", b"fcTL"})
"""The chunks of a PNG that hold pixels, or begin a frame of them."""

Image.MAX_IMAGE_PIXELS = None  # Pillow's own limit warns first, and is larger than ours

DAMAGED: Final = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    EOFError,
    LookupError,
    ArithmeticError,
    AttributeError,
    struct.error,
    zlib.error,
)
"""What Pillow raises for a file that is cut off, damaged, or made to harm."""


class PixelBudget:
    """The pixels that the pictures of one request may still have."""

    def __init__(self, most: int = MAX_PIXELS) -> None:
        self._most = most
        self._spent = 0

    def spend(self, width: int, height: int, pointer: str) -> None:
        """Count a picture; PredictionInputError when it is one too many."""
        before, self._spent = self._spent, self._spent + width * height
        if self._spent > self._most:
            others = f" after {before} of other images; send them in several requests" if before else ""
            most = f"at most {self._most} pixels in a request"
            raise PredictionInputError(pointer, f"the image is too large: {most}, got {width}×{height}{others}")


def opened(data: bytes, pointer: str, budget: PixelBudget) -> Image.Image:
    """The picture, its header read and nothing decoded.

    Raises:
        BrokenBodyError: it is no PNG or JPEG, or a damaged one.
        PredictionInputError: decoding it would cost too much.

    """
    if data.startswith(PNG_MAGIC):
        _check_chunks(data, pointer)
    elif data.startswith(JPEG_MAGIC):
        _check_scans(data, pointer)
    else:
        begin = f"bytes that begin with {data[:4].hex(' ')}" if data else "no bytes"
        raise BrokenBodyError(f"expected a PNG or JPEG image, got {begin}", pointer)
    try:
        picture = Image.open(io.BytesIO(data), formats=FORMATS)
    except DAMAGED:  # UnidentifiedImageError is an OSError
        raise damaged(pointer) from None
    budget.spend(*picture.size, pointer)
    return picture


def damaged(pointer: str) -> BrokenBodyError:
    """The error for a file that cannot be decoded."""
    return BrokenBodyError("expected a whole PNG or JPEG image, got one that is cut off or damaged", pointer)


def _check_chunks(data: bytes, pointer: str) -> None:
    others = pixels = 0
    for kind in _chunks(data):
        if kind in PIXELS:
            pixels += 1
        else:
            others += 1
        if others > MAX_CHUNKS or pixels > MAX_CHUNKS + len(data) // BYTES_PER_CHUNK:
            most = (
                f"at most {MAX_CHUNKS} chunks beside its pixels, and those in pieces of {BYTES_PER_CHUNK} bytes or more"
            )
            raise PredictionInputError(pointer, f"the PNG has too many parts: {most}")


def _chunks(data: bytes) -> Iterator[bytes]:
    """The types of a PNG's chunks (PNG, third edition, 5.3), as far as the file has them."""
    at = len(PNG_MAGIC)
    while at + 8 <= len(data):
        yield data[at + 4 : at + 8]
        at += 12 + int.from_bytes(data[at : at + 4], "big")


def _check_scans(data: bytes, pointer: str) -> None:
    """Count what stands before the pixels, and the scans from there on (ITU-T T.81, B.1.1.2 and B.2.3).

    In the pixels themselves 0xFF is followed by 0x00, so that the two bytes of a scan's marker are only found there
    where a scan begins, or by chance in a comment: a few too many.
    """
    at = len(JPEG_MAGIC)
    for _ in range(MAX_SEGMENTS):
        marker = data[at : at + 2]
        if marker == b"\xff\xda":
            break
        if marker[:1] != b"\xff" or marker[1:] == b"\0":
            raise damaged(pointer)
        if marker == b"\xff\xff":  # a byte of padding
            at += 1
        elif b"\xd0" <= marker[1:] <= b"\xd9" or marker[1:] == b"\x01":  # without a length
            at += 2
        else:
            at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    else:
        raise PredictionInputError(
            pointer, f"the JPEG has too many parts: at most {MAX_SEGMENTS} segments before its pixels"
        )
    scans = data.count(b"\xff\xda", at)
    if scans > MAX_SCANS:
        raise PredictionInputError(pointer, f"the JPEG has too many parts: at most {MAX_SCANS} scans, got {scans}")

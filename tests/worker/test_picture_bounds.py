"""What decoding a picture costs is bounded by what its file says."""

import io
import struct
import time
import zlib

import numpy as np
import pytest
from PIL import Image

from tests.support.builders.pictures import DIGITS, DRAWN, file_of, model_of, progressive
from worker.errors import BrokenBodyError, PredictionInputError
from worker.inference.images import row_from
from worker.inference.picture_file import MAX_SCANS, PixelBudget, opened


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_with(extra: bytes) -> bytes:
    """A PNG with chunks before its pixels."""
    data = file_of(DRAWN)
    at = data.index(b"IDAT") - 4
    return data[:at] + extra + data[at:]


def jpeg_with(extra: bytes) -> bytes:
    data = file_of(DRAWN, "JPEG")
    return data[:2] + extra + data[2:]


def row(data: bytes) -> np.ndarray:
    return row_from(model_of(28, 28), data, centre=None, pointer="#")


def test_a_jpeg_has_as_many_scans_as_encoders_write_and_no_more() -> None:
    own = progressive(0).count(b"\xff\xda")

    assert row(progressive(MAX_SCANS - own)).any()
    with pytest.raises(PredictionInputError, match=f"at most {MAX_SCANS} scans, got {MAX_SCANS + 1}"):
        row(progressive(MAX_SCANS - own + 1))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (progressive(900_000), "scans"),
        (png_with(chunk(b"iCCP", b"x\0\0" + zlib.compress(b"\0" * 1_000_000)) * 9000), "at most 100 chunks"),
        (png_with(chunk(b"IDAT", b"") * 700_000), "too many parts"),
        (jpeg_with(b"\xff\xfe\x00\x02" * 2_000_000), "at most 1000 segments"),
        (jpeg_with(b"\xff" * 8_000_000), "at most 1000 segments"),
    ],
)
def test_megabytes_that_would_be_looked_at_one_by_one_are_refused_at_once(data: bytes, words: str) -> None:
    began = time.process_time()

    with pytest.raises(PredictionInputError, match=words):
        row(data)

    assert time.process_time() - began < 1


def test_the_parts_that_real_files_have_are_let_in() -> None:
    file = io.BytesIO()
    noise = np.random.default_rng(1).integers(0, 255, (600, 600), np.uint8)
    Image.fromarray(noise).save(file, "PNG", icc_profile=b"\0" * 3000)  # in IDATs of 64 KiB
    profile = io.BytesIO()
    Image.fromarray(DRAWN).save(profile, "JPEG", icc_profile=b"\0" * 1_000_000, comment=b"a comment")
    pixels = zlib.compress(np.pad(noise, ((0, 0), (1, 0))).tobytes())  # each line after its filter, 0: none
    parts = [chunk(b"IDAT", pixels[at : at + 8192]) for at in range(0, len(pixels), 8192)]
    header = file_of(noise).partition(b"IDAT")[0][:-4]
    in_8_kib = b"".join([header, *parts, chunk(b"IEND", b"")])

    for data in (file.getvalue(), profile.getvalue(), in_8_kib):
        assert row(data).any()


def test_the_pixels_of_a_request_are_counted_together() -> None:
    budget = PixelBudget(2000)

    opened(file_of(DRAWN), "#", budget)
    opened(file_of(DRAWN), "#", budget)

    with pytest.raises(PredictionInputError, match="at most 2000 pixels in a request, got 28×28 after 1568 of other"):
        opened(file_of(DRAWN), "#", budget)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GIF89a" + b"\0" * 40,
        b"\xff\xd8",
        b"\xff\xd8\xff",
        b"\x89PNG\r\n\x1a\n",
        file_of(DRAWN)[:60],
        file_of(DRAWN, "JPEG")[:300],
        file_of(DRAWN, "JPEG").replace(b"\xff\xc0", b"\xff\xc1\x07"),
        file_of(DRAWN).replace(b"IHDR", b"IHDX"),
    ],
)
def test_what_is_no_whole_picture_is_said_without_pythons_words(data: bytes) -> None:
    with pytest.raises(BrokenBodyError, match="PNG or JPEG image, got") as raised:
        row(data)

    assert "0x" not in str(raised.value)
    assert "BytesIO" not in str(raised.value)


def test_a_large_jpeg_is_decoded_smaller_and_shows_the_same() -> None:
    large = Image.fromarray(DIGITS[0]).resize((4096, 4096), Image.Resampling.BICUBIC)
    file = io.BytesIO()
    large.save(file, "JPEG")

    drafted, whole = row(file.getvalue()), row(file_of(np.asarray(large)))

    assert np.abs(drafted.astype(int) - whole).mean() < 1

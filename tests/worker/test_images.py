import zlib

import numpy as np
import pytest

from tests.support.builders.pictures import DIGITS, file_of, model_of
from worker.errors import PredictionInputError
from worker.inference.images import centred, row_from
from worker.inference.picture_file import MAX_PIXELS


def enlarged(digit: np.ndarray, times: int = 6) -> np.ndarray:
    """A digit drawn large, somewhere on a larger ground."""
    return np.pad(np.kron(digit, np.ones((times, times), np.uint8)), ((7, 90), (120, 3)))


def test_mnist_set_anew_is_mnist() -> None:
    errors = [np.abs(centred(digit).astype(float) - digit).mean() for digit in DIGITS]

    assert np.median(errors) == 0
    assert np.mean(errors) < 3  # a few lie a pixel beside their centre of mass in the original too


def test_a_large_drawing_becomes_the_same_digit_wherever_it_stands() -> None:
    for digit in DIGITS[:20]:
        np.testing.assert_array_equal(centred(enlarged(digit)), centred(digit))


def test_ink_on_paper_is_turned_into_light_on_black() -> None:
    drawn = enlarged(DIGITS[0])

    paper = row_from(model_of(28, 28), file_of(255 - drawn), centre=None, pointer="#")

    np.testing.assert_array_equal(paper, centred(drawn).reshape(-1))


@pytest.mark.parametrize("ink", [0, 255])
def test_what_is_transparent_is_ground(ink: int) -> None:
    drawn = enlarged(DIGITS[0])
    pixels = np.dstack([np.full_like(drawn, ink)] * 3 + [drawn])

    row = row_from(model_of(28, 28, 1), file_of(pixels), centre=None, pointer="#")

    assert np.abs(row.reshape(28, 28).astype(int) - centred(drawn)).mean() < 1


def test_a_jpeg_in_colour_for_a_network_of_colours_is_fitted() -> None:
    pixels = np.zeros((60, 40, 3), np.uint8)
    pixels[..., 0] = 200

    row = row_from(model_of(8, 8, 3), file_of(pixels, "JPEG"), centre=None, pointer="#").reshape(8, 8, 3)

    assert np.abs(row[..., 0].astype(int) - 200).max() < 10
    assert row[..., 1:].max() < 10


def test_without_centring_the_picture_is_only_scaled() -> None:
    row = row_from(model_of(28, 28), file_of(DIGITS[3]), centre=False, pointer="#")

    np.testing.assert_array_equal(row, DIGITS[3].reshape(-1))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "PNG or JPEG"),
        (b"GIF89a" + b"\0" * 40, "PNG or JPEG"),
        (file_of(DIGITS[0])[:60], "PNG or JPEG"),
        (file_of(np.zeros((9, 9), np.uint8)), "blank"),
    ],
)
def test_what_is_no_picture_is_refused(data: bytes, words: str) -> None:
    with pytest.raises(PredictionInputError, match=words):
        row_from(model_of(28, 28), data, centre=None, pointer="#")


def test_a_picture_of_30_000_by_30_000_is_refused_by_its_header() -> None:
    header = bytearray(file_of(np.zeros((1, 1), np.uint8)))
    header[16:24] = (30_000).to_bytes(4, "big") * 2  # the sizes in IHDR
    header[29:33] = zlib.crc32(header[12:29]).to_bytes(4, "big")

    with pytest.raises(PredictionInputError, match=f"at most {MAX_PIXELS} pixels in a request, got 30000×30000"):
        row_from(model_of(28, 28), bytes(header), centre=None, pointer="#")


@pytest.mark.parametrize("shape", [(784,), (3, 3, 3, 3), (8, 8, 2)])
def test_a_network_of_rows_takes_no_picture(shape: tuple[int, ...]) -> None:
    with pytest.raises(PredictionInputError, match="no images"):
        row_from(model_of(*shape), file_of(DIGITS[0]), centre=None, pointer="#")


def test_only_pictures_as_mnists_are_centred() -> None:
    with pytest.raises(PredictionInputError, match="28×28"):
        row_from(model_of(32, 32), file_of(DIGITS[0]), centre=True, pointer="#")

"""Pictures of every kind that a PNG or JPEG can be, and the pixels that a network should see of each."""

import base64
import io
from typing import Any

import numpy as np
import orjson
import pytest
from PIL import Image

import nn
from tests.support.builders.pictures import file_of, model_of
from tests.support.builders.predictions import request
from worker.errors import PredictionInputError
from worker.inference.codecs import CODECS
from worker.inference.images import centred, row_from

PAPER = np.full((28, 28), 255, np.uint8)
PAPER[5:23, 11:15] = 40
PAPER[19:23, 11:19] = 40
"""An L in dark ink on paper."""
WIDE = (PAPER.astype(np.uint16) << 8) | PAPER
"""The same in 16 bits: 255 is 65535."""


def row(data: bytes, *shape: int, centre: bool | None = None) -> np.ndarray:
    return row_from(model_of(*(shape or (28, 28))), data, centre=centre, pointer="#")


EXPECTED = row(file_of(PAPER))


def saved(picture: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def clear(ground: tuple[int, int, int], ink: tuple[int, int, int], *, opaque: int = 255) -> Image.Image:
    """The L in colour, its ground transparent."""
    pixels = np.where((PAPER < 128)[..., None], [*ink, opaque], [*ground, 0]).astype(np.uint8)
    return Image.fromarray(pixels)


def turned() -> bytes:
    """The L as a camera writes it that was held on its side."""
    exif = Image.Exif()
    exif[0x0112] = 6
    return saved(Image.fromarray(PAPER).transpose(Image.Transpose.ROTATE_90), exif=exif)


@pytest.mark.parametrize("centre", [None, False])
@pytest.mark.parametrize(
    "data",
    [
        saved(Image.fromarray(WIDE)),
        saved(Image.fromarray(PAPER).convert("RGB")),
        saved(Image.fromarray(PAPER).convert("P")),
        saved(Image.fromarray(PAPER).convert("RGB").quantize(2)),
        saved(Image.fromarray(PAPER).convert("RGBA")),
        saved(clear((0, 0, 0), (40, 40, 40))),
        saved(clear((255, 255, 255), (40, 40, 40))),
        saved(Image.fromarray(np.where(PAPER < 128, 40 * 257, 9).astype(np.uint16)), transparency=9),
        turned(),
    ],
    ids=["16 bits", "RGB", "P", "palette", "RGBA", "clear black", "clear white", "16 bits clear", "EXIF"],
)
def test_each_kind_is_the_same_picture(data: bytes, centre: bool | None) -> None:
    expected = row(file_of(PAPER), centre=centre).astype(int)

    assert np.abs(row(data, centre=centre).astype(int) - expected).max() <= 1


def test_sixteen_bits_reach_the_network_by_every_form_of_request() -> None:
    model, data = model_of(28, 28), saved(Image.fromarray(WIDE))
    text = base64.b64encode(data).decode()
    tensor = {"name": "input", "shape": [1], "datatype": "BYTES", "data": [text]}
    binary = {"name": "input", "shape": [1], "datatype": "BYTES", "parameters": {"binary_data_size": len(data) + 4}}
    head = orjson.dumps({"inputs": [binary]})

    asked = [
        request(data, "image"),
        request(orjson.dumps({"image": f"data:image/png;base64,{text}"}), "json"),
        request(orjson.dumps({"inputs": [tensor]}), "protocol"),
        request(head + len(data).to_bytes(4, "little") + data, "protocol", header_length=len(head)),
    ]

    for one in asked:
        np.testing.assert_array_equal(CODECS[one.form].read(model, one).rows, EXPECTED[None])


def test_sixteen_bits_are_scaled_to_the_nearest_of_eight() -> None:
    values = np.array([[0, 127, 128, 129, 256, 257, 385, 386, 32767, 32768, 65406, 65407, 65535]], np.uint16)
    model = nn.Model.build(((1, 13, 3), "classification", "ab"), hidden_layers=[2], rng=np.random.default_rng(1))

    seen = row_from(model, saved(Image.fromarray(values)), centre=None, pointer="#").reshape(13, 3)

    assert seen[:, 0].tolist() == np.round(values[0] / 257).astype(int).tolist()
    assert (seen == seen[:, :1]).all()


@pytest.mark.parametrize(
    ("picture", "colour"),
    [
        (Image.new("RGBA", (16, 16), (0, 0, 0, 0)), (255, 255, 255)),
        (Image.new("RGBA", (16, 16), (200, 0, 0, 255)), (200, 0, 0)),
        (Image.new("RGBA", (16, 16), (0, 0, 0, 128)), (127, 127, 127)),
        (Image.new("LA", (16, 16), (0, 0)), (255, 255, 255)),
        (Image.fromarray(np.full((16, 16), 257 * 77, np.uint16)), (77, 77, 77)),
    ],
)
def test_for_colours_what_is_transparent_lies_on_white(picture: Image.Image, colour: tuple[int, int, int]) -> None:
    seen = row(saved(picture), 8, 8, 3).reshape(8, 8, 3)

    assert np.abs(seen.astype(int) - colour).max() <= 1


def test_dark_ink_on_a_ground_that_is_not_light_is_ink() -> None:
    grey = np.where(PAPER < 128, 20, 110).astype(np.uint8)
    inverse = np.where(PAPER < 128, 200, 110).astype(np.uint8)

    np.testing.assert_array_equal(centred(grey), centred(inverse))


def test_a_cmyk_jpeg_of_dark_ink_on_a_dark_ground_is_read() -> None:
    inks = np.zeros((28, 28, 4), np.uint8)
    inks[..., 3] = np.where(PAPER < 128, 240, 150)

    seen = row(saved(Image.fromarray(inks, "CMYK"), "JPEG", quality=95))

    assert np.abs(seen.astype(int) - EXPECTED).mean() < 6


@pytest.mark.parametrize("middle", [(3, 4), (27, 27), (0, 13)])
def test_a_dot_is_in_the_middle_wherever_it_was(middle: tuple[int, int]) -> None:
    dot = np.zeros((28, 28), np.uint8)
    dot[middle] = 255

    seen = row(file_of(dot)).reshape(28, 28)

    assert seen.any()
    assert np.abs(np.argwhere(seen).mean(axis=0) - 14).max() <= 1


def test_specks_too_far_from_each_other_to_be_seen_are_blank() -> None:
    specks = np.zeros((2000, 2000), np.uint8)
    specks[0, 0] = specks[-1, -1] = 255

    with pytest.raises(PredictionInputError, match="blank"):
        row(file_of(specks))

"""From a picture to the row that a network takes: PNG or JPEG, decoded, and set as the pictures it was trained on.

A picture of a digit for a network that learned MNIST is set as MNIST's own were (LeCun et al. 1998, section III.A):
light ink on black, fitted into 20×20 pixels with its proportions kept, its centre of mass in the middle of 28×28: on
the pixel (14, 14), counted from 0, where that of MNIST's own lies.

Pixels are bytes from the file to the row, and what is large is worked out in place or as bytes: a picture of 4096×4096
takes some 100 MiB on its way.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from nn import Model
from worker.errors import PredictionInputError
from worker.inference.picture_file import DAMAGED, PixelBudget, damaged, opened

MNIST_SHAPE: Final = (28, 28)
INK_BOX: Final = 20

INK_LEVEL: Final = 0.2
"""How far above the ground, as a part of the way to the lightest pixel, something is ink and not noise."""

BLANK_LEVEL: Final = 16
"""A picture whose lightest and darkest pixel differ by less shows nothing."""

DRAFT_SIDE: Final = 2048
"""A JPEG is decoded at a half, a quarter or an eighth of its size where its sides stay as long as this: enough for ink
that takes a hundredth of them."""

BYTE_OF: Final = ((np.arange(1 << 16, dtype=np.uint32) * 255 + 32895) >> 16).astype(np.uint8)
"""The byte for each value of 16 bits, the nearest to v · 255 / 65535 (PNG, third edition, 13.12)."""

Pixels = NDArray[np.uint8]


def row_from(model: Model, data: bytes, *, centre: bool | None, pointer: str) -> Pixels:
    """The row for a network that takes images: (input_size,), 0 … 255.

    Args:
        data: a PNG or JPEG file, the only one of its request
        centre: set it as MNIST's pictures are; None: when the network takes such pictures
        pointer: where in the request it stands, for the error

    Raises:
        PredictionInputError: it is no such file, too large, or blank; or the network takes no images.

    """
    _image_shape(model, pointer)
    return row_of(model, opened(data, pointer, PixelBudget()), centre=centre, pointer=pointer)


def row_of(model: Model, picture: Image.Image, *, centre: bool | None, pointer: str) -> Pixels:
    """The row as above, for a picture whose header alone is read: it is decoded here."""
    height, width, channels = _image_shape(model, pointer)
    picture = _decoded(picture, "RGB" if channels == 3 else "L", pointer)
    if channels == 3:
        return _colours(picture, (width, height)).reshape(-1)
    grey = _light_on_dark(_grey(picture))
    mnist = (height, width) == MNIST_SHAPE
    if centre and not mnist:
        raise PredictionInputError(
            pointer, f"only pictures of 28×28 pixels are centred, this model takes {height}×{width}"
        )
    if centre is False or not mnist:
        plain = ImageOps.pad(Image.fromarray(grey), (width, height), Image.Resampling.LANCZOS)
        return np.asarray(plain, np.uint8).reshape(-1)
    return centred(grey, pointer).reshape(-1)


def centred(grey: Pixels, pointer: str = "#/image") -> Pixels:
    """Ink, light on dark, (height, width), set as MNIST's pictures are: (28, 28).

    Raises:
        PredictionInputError: there is no ink.

    """
    low, high = int(grey.min()), int(grey.max())
    blank = PredictionInputError(pointer, "the image is blank: nothing on it differs from its ground")
    if high - low < BLANK_LEVEL:
        raise blank
    ground = float(np.median(_border(grey)))
    if high - ground < BLANK_LEVEL <= ground - low:  # dark ink after all, on a ground that is not light
        return centred(255 - grey, pointer)
    ink = np.clip((np.arange(256) - ground) * (255 / max(high - ground, 1)), 0, 255)  # of each brightness
    inked = grey >= np.argmax(ink > INK_LEVEL * 255)
    rows, columns = np.flatnonzero(inked.any(axis=1)), np.flatnonzero(inked.any(axis=0))
    cropped = ink.astype(np.uint8)[grey[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]]
    scale = INK_BOX / max(cropped.shape)
    size = [max(1, round(length * scale)) for length in cropped.shape]
    small = Image.fromarray(cropped)
    if size != list(cropped.shape):
        small = small.resize((size[1], size[0]), Image.Resampling.BOX if scale < 1 else Image.Resampling.BICUBIC)
    drawn = np.asarray(small, np.float64)
    weight = drawn.sum()
    if not weight:  # specks far from each other
        raise blank
    out = np.zeros(MNIST_SHAPE, np.uint8)
    place = []
    for axis, length in enumerate(size):
        middle = (drawn.sum(axis=1 - axis) @ np.arange(length)) / weight
        place.append(int(np.clip(round(MNIST_SHAPE[axis] / 2 - middle), 0, MNIST_SHAPE[axis] - length)))
    out[place[0] : place[0] + size[0], place[1] : place[1] + size[1]] = drawn
    return out


def _image_shape(model: Model, pointer: str) -> tuple[int, int, int]:
    shape = (*model.input_shape, 1)[:3] if len(model.input_shape) in {2, 3} else ()
    if len(shape) != 3 or shape[2] not in {1, 3}:
        raise PredictionInputError(pointer, f"this model takes rows of {model.input_size} numbers, no images")
    return shape[0], shape[1], shape[2]


def _decoded(picture: Image.Image, mode: str, pointer: str) -> Image.Image:
    """The picture upright, with bytes for pixels. Of a large JPEG `mode` is decoded, smaller than it is."""
    try:
        picture.draft(mode, (DRAFT_SIDE, DRAFT_SIDE))
        picture.load()
        upright = ImageOps.exif_transpose(picture)
    except DAMAGED:
        raise damaged(pointer) from None
    return _in_bytes(upright)


def _in_bytes(picture: Image.Image) -> Image.Image:
    """A picture of 16 bits a pixel, which Pillow would clip, as one of 8; any other as it is."""
    if not picture.mode.startswith("I"):
        return picture
    wide: NDArray[Any] = np.asarray(picture)
    grey = Image.fromarray(BYTE_OF[wide])
    transparent = picture.info.get("transparency")
    if transparent is not None:
        grey.putalpha(Image.fromarray(np.where(wide == transparent, 0, 255).astype(np.uint8)))
    return grey


def _colours(picture: Image.Image, size: tuple[int, int]) -> Pixels:
    """Fitted into `size`: (height, width, 3). What is transparent lies on white, as on a page."""
    if not picture.has_transparency_data:
        return np.asarray(ImageOps.fit(picture.convert("RGB"), size, Image.Resampling.LANCZOS), np.uint8)
    fitted = ImageOps.fit(picture.convert("RGBA"), size, Image.Resampling.LANCZOS)
    return np.asarray(Image.alpha_composite(Image.new("RGBA", size, "white"), fitted).convert("RGB"), np.uint8)


def _grey(picture: Image.Image) -> Pixels:
    """Brightness: (height, width). What is transparent becomes the ground, light behind dark ink, dark behind light."""
    if not picture.has_transparency_data:
        return np.asarray(picture.convert("L"), np.uint8)
    brightness, opacity = picture.convert("LA").split()
    shades = np.multiply(np.asarray(brightness), np.asarray(opacity), dtype=np.uint16)
    seen = sum(value * pixels for value, pixels in enumerate(opacity.histogram()))
    ink = int(shades.sum(dtype=np.uint64)) / seen if seen else 0.0
    laid = Image.new("L", picture.size, 255 if ink < 128 else 0)
    laid.paste(brightness, mask=opacity)
    return np.asarray(laid, np.uint8)


def _light_on_dark(grey: Pixels) -> Pixels:
    """The picture, inverted when its border is light: ink on paper."""
    return 255 - grey if np.median(_border(grey)) > 127 else grey


def _border(grey: Pixels) -> Pixels:
    """The pixels of the four edges."""
    return np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])

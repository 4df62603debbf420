"""From a picture to the row that a network takes: PNG or JPEG, decoded, and set as the pictures it was trained on.

A picture of a digit for a network that learned MNIST is set as MNIST's own were (LeCun et al. 1998, section III.A):
light ink on black, fitted into 20×20 pixels with its proportions kept, its centre of mass in the middle of 28×28: on
the pixel (14, 14), counted from 0, where that of MNIST's own lies.
"""

import io
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from nn import Model
from worker.errors import PredictionInputError

FORMATS: Final = ("PNG", "JPEG")

MAX_PIXELS: Final = 4096 * 4096
"""Read from the header, before anything is decoded."""

MNIST_SHAPE: Final = (28, 28)
INK_BOX: Final = 20

INK_LEVEL: Final = 0.2
"""How far above the ground, as a part of the way to the lightest pixel, something is ink and not noise."""

BLANK_LEVEL: Final = 16
"""A picture whose lightest and darkest pixel differ by less shows nothing."""

Image.MAX_IMAGE_PIXELS = None  # Pillow's own limit warns first, and is larger than ours

Pixels = NDArray[np.uint8]


def row_from(model: Model, data: bytes, *, centre: bool | None, pointer: str) -> Pixels:
    """The row for a network that takes images: (input_size,), 0 … 255.

    Args:
        data: a PNG or JPEG file
        centre: set it as MNIST's pictures are; None: when the network takes such pictures
        pointer: where in the request it stands, for the error

    Raises:
        PredictionInputError: it is no such file, too large, or blank; or the network takes no images.

    """
    height, width, channels = _image_shape(model, pointer)
    picture = _decoded(data, pointer)
    if channels == 3:
        fitted = ImageOps.fit(picture.convert("RGB"), (width, height), Image.Resampling.LANCZOS)
        return np.asarray(fitted, np.uint8).reshape(-1)
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
    if high - low < BLANK_LEVEL:
        raise PredictionInputError(pointer, "the image is blank: nothing on it differs from its ground")
    ground = float(np.median(np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])))
    ink = np.clip((grey - ground) * (255 / max(high - ground, 1)), 0, 255)
    inked = ink > INK_LEVEL * 255
    rows, columns = np.flatnonzero(inked.any(axis=1)), np.flatnonzero(inked.any(axis=0))
    cropped = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    scale = INK_BOX / max(cropped.shape)
    size = [max(1, round(length * scale)) for length in cropped.shape]
    small = Image.fromarray(cropped.astype(np.uint8))
    if size != list(cropped.shape):
        small = small.resize((size[1], size[0]), Image.Resampling.BOX if scale < 1 else Image.Resampling.BICUBIC)
    drawn = np.asarray(small, np.float64)
    weight = drawn.sum()
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


def _decoded(data: bytes, pointer: str) -> Image.Image:
    try:
        picture = Image.open(io.BytesIO(data), formats=FORMATS)
        width, height = picture.size
        if width * height > MAX_PIXELS:
            raise PredictionInputError(
                pointer, f"the image is too large: at most {MAX_PIXELS} pixels, got {width}×{height}"
            )
        picture.load()
        return ImageOps.exif_transpose(picture)
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise PredictionInputError(pointer, f"expected a PNG or JPEG image, got something else: {error}") from None


def _grey(picture: Image.Image) -> Pixels:
    """Brightness: (height, width). What is transparent becomes the ground, light behind dark ink, dark behind light."""
    if not picture.has_transparency_data:
        return np.asarray(picture.convert("L"), np.uint8)
    both: NDArray[Any] = np.asarray(picture.convert("LA"), np.float64)
    brightness, opacity = both[..., 0], both[..., 1] / 255
    seen = opacity.sum()
    ink = (brightness * opacity).sum() / seen if seen else 0.0
    ground = 255.0 if ink < 128 else 0.0
    return (brightness * opacity + ground * (1 - opacity)).astype(np.uint8)


def _light_on_dark(grey: Pixels) -> Pixels:
    """The picture, inverted when its border is light: ink on paper."""
    border = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    return 255 - grey if np.median(border) > 127 else grey

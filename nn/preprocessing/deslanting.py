"""Deslanting: handwriting is set upright, so that a network need not learn every slant of every digit.

A digit's slant is the slope of the line that fits its ink best, column x against row y (LeCun, Bottou, Bengio & Haffner
1998, section III.A, have such a version of MNIST). With the mean over a digit's ink, ⟨f⟩ = Σₚ I(p) f(p) / Σₚ I(p),

    a = (⟨xy⟩ − ⟨x⟩⟨y⟩) / (⟨y²⟩ − ⟨y⟩²)        I′(y, x) = I(y, x + a (y − ⟨y⟩))

Each row moves by its own distance; between pixels it is interpolated linearly, and outside it is 0. An image is
deslanted as it comes to the network: in training after its distortions, so that both are of the same kind.
"""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from nn import checks
from nn.arrays import AnyArray, Array, Buffers, Shape
from nn.data.dataset import Dataset
from nn.errors import FormatError, SpecError
from nn.preprocessing.scaling import Scaling, scale

LEAST = 1e-6
"""Ink or height below this counts as this: an image of nothing, or of one row, has no slant."""
STEEPEST = 1.0
"""The largest slope that is undone, 45 degrees: beyond, it is the lie of a stroke rather than a slant."""


class Deslanting:
    """Bright strokes on a ground of 0: scaled to [0, 1], then deslanted. Channels move together."""

    kind = "deslant"

    def __init__(self, image_shape: Shape, scaling: Scaling) -> None:
        self.image_shape = image_shape
        self.H, self.W, self.channels = (*image_shape, 1)[:3]
        self.scaling = scaling
        self.y: Array = np.arange(self.H) - (self.H - 1) / 2
        y, x, _ = np.meshgrid(self.y, np.arange(self.W) - (self.W - 1) / 2, np.ones(self.channels), indexing="ij")
        self.moments: Array = np.stack([np.ones(y.shape), y, x, y * y, y * x]).reshape(5, -1).T
        self.buffers: Buffers | None = None

    def __call__(self, x: AnyArray, out: Array) -> Array:
        """Prepare rows x: (batch, H·W·channels) into `out`, of the same shape, in the dtype of `out`."""
        if self.buffers is None or self.buffers.dtype != out.dtype:
            self.buffers = Buffers(out.dtype)
        n, H, wide = len(x), self.H, self.W * self.channels
        self.scaling(x, out)
        distance = self.distances(out)
        np.clip(distance, -self.W, np.nextafter(self.W, 0, dtype=out.dtype), out=distance)  # beyond lie zeros alone
        whole = np.floor(distance)
        way: Array = (distance - whole).reshape(n * H, 1)
        # As many zeros as pixels before each row: wherever a row moves to, there is something to read.
        padded = self.buffers.get("padded", (n * H + 1, 2 * wide))
        padded[:-1, wide:] = out.reshape(n * H, wide)
        first = (np.arange(n * H) * 2 + 1) * wide + whole.reshape(-1).astype(np.intp) * self.channels
        at = self.buffers.get("at", (n * H, wide), np.intp)
        np.add(first[:, None], np.arange(wide), out=at)
        left, right = out.reshape(n * H, wide), self.buffers.get("right", (n * H, wide))
        source = padded.reshape(-1)
        source.take(at, out=left, mode="clip")
        source[self.channels :].take(at, out=right, mode="clip")
        np.subtract(right, left, out=right)
        np.multiply(right, way, out=right)
        np.add(left, right, out=left)
        return out

    def distances(self, images: Array) -> Array:
        """a (y − ⟨y⟩), in pixels, of each row of each image: (n, H) for images: (n, H·W·channels)."""
        ink, y, x, yy, yx = (images @ self.moments.astype(images.dtype)).T
        ink = np.maximum(ink, LEAST)
        y, x, yy, yx = y / ink, x / ink, yy / ink, yx / ink
        a = np.clip((yx - y * x) / np.maximum(yy - y * y, LEAST), -STEEPEST, STEEPEST)
        distance: Array = a[:, None] * (self.y.astype(images.dtype) - y[:, None])
        return distance

    def config(self) -> dict[str, Any]:
        """JSON-able; `Deslanting.from_config` takes it."""
        return {"kind": self.kind, "image_shape": list(self.image_shape), "scaling": self.scaling.config()}

    @classmethod
    def from_config(cls, config: Mapping[str, Any], features: int) -> "Deslanting":
        """Rebuild from `config()`, for rows of this many numbers; FormatError."""
        try:
            shape = tuple(checks.integer(size, "image_shape") for size in config["image_shape"])
            scaling = config["scaling"]
        except (KeyError, TypeError, SpecError) as error:
            raise FormatError(f"preprocessing: expected image_shape and scaling, got {error!r}") from None
        if len(shape) not in (2, 3) or math.prod(shape) != features:
            raise FormatError(f"preprocessing: expected an image_shape of {features} numbers, got {shape}")
        return cls(shape, Scaling.from_config(scaling, features))


def fit_deslanting(data: Dataset) -> Deslanting:
    """Measured on the training rows; SpecError where they are no images."""
    if len(data.input_shape) not in (2, 3):
        raise SpecError(f"preprocessing deslant: expected images, got rows of shape {data.input_shape}")
    return Deslanting(data.input_shape, scale(data.x_train))

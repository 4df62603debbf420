"""Pooling: an image made smaller, one number for each square of size × size pixels of a channel."""

import numpy as np

from nn.arrays import Array, Shape
from nn.errors import SpecError
from nn.layers.base import MAX_PIXELS, Layer
from nn.layers.conv import image_shape
from nn.options import option


class Pooling(Layer):
    """X: (batch, H, W, channels) → Y: (batch, P, Q, channels), P = ⌊H/size⌋, Q = ⌊W/size⌋.

    S: (batch, P, Q, channels, size²) are the pixels of each square. Pixels left over at the edges are unseen.
    """

    takes = "images"
    window = {"side": "size", "stride": "size"}
    size: int = option(2, most=MAX_PIXELS, says="side of the squares, in pixels")

    def build(self, input_shape: Shape) -> Shape:
        H, W, self.channels = image_shape(input_shape, self.kind)
        if self.size > min(H, W):
            raise SpecError(f"{self.kind} size: expected at most the image, {H}×{W}, got {self.size}")
        self.input_shape = input_shape
        self.P, self.Q = H // self.size, W // self.size
        return (self.P, self.Q, self.channels)

    def squares(self, X: Array) -> Array:
        """S of X."""
        s, P, Q = self.size, self.P, self.Q
        S = X[:, : P * s, : Q * s].reshape(len(X), P, s, Q, s, self.channels).transpose(0, 1, 3, 5, 2, 4)
        return S.reshape(len(X), P, Q, self.channels, s * s)

    def image(self, dS: Array) -> Array:
        """dX from dS, each number back at its pixel; 0 where no square sees it."""
        s, P, Q = self.size, self.P, self.Q
        dX: Array = np.zeros((len(dS), *self.input_shape), dS.dtype)
        squares = dS.reshape(len(dS), P, Q, self.channels, s, s).transpose(0, 1, 4, 2, 5, 3)
        dX[:, : P * s, : Q * s] = squares.reshape(len(dS), P * s, Q * s, self.channels)
        return dX


class MaxPooling2D(Pooling):
    """The largest number of each square of `size` × `size` pixels; images only.

    Y is the largest of each square; dY goes to the pixel that was it, to the first of several.
    """

    kind = "max_pool2d"

    def forward(self, X: Array, rng: np.random.Generator | None) -> Array:
        S = self.squares(X)
        self.largest = S.argmax(axis=-1)[..., None] == np.arange(self.size**2)
        Y: Array = S.max(axis=-1)
        return Y

    def backward(self, dY: Array) -> Array:
        return self.image(dY[..., None] * self.largest)


class AveragePooling2D(Pooling):
    """The mean of each square of `size` × `size` pixels; images only.

    Y is the mean of each square; each of its pixels gets dY / size².
    """

    kind = "average_pool2d"

    def forward(self, X: Array, rng: np.random.Generator | None) -> Array:
        Y: Array = self.squares(X).mean(axis=-1)
        return Y

    def backward(self, dY: Array) -> Array:
        return self.image(np.repeat(dY[..., None] / self.size**2, self.size**2, axis=-1))

"""Pooling: an image made smaller, one number for each square of size × size pixels of a channel."""

import numpy as np

from nn import checks
from nn.arrays import Array, Shape
from nn.errors import SpecError
from nn.layers.base import MAX_PIXELS, Layer
from nn.layers.conv import image_shape


class Pooling(Layer):
    """X: (batch, H, W, channels) → Y: (batch, ⌊H/size⌋, ⌊W/size⌋, channels).

    Pixels left over at the edges are unseen.
    """

    options = ("size",)
    takes_images = True

    def __init__(self, size: int = 2) -> None:
        super().__init__()
        self.size = checks.integer(size, f"{self.kind} size", most=MAX_PIXELS)

    def build(self, input_shape: Shape) -> Shape:
        H, W, channels = image_shape(input_shape, self.kind)
        if self.size > min(H, W):
            raise SpecError(f"{self.kind} size: expected at most the image, {H}×{W}, got {self.size}")
        self.input_shape = input_shape
        return (H // self.size, W // self.size, channels)

    def corners(self, X: Array) -> list[Array]:
        """For each pixel of a square, the view of that pixel in all squares: size² arrays of Y's shape."""
        s = self.size
        P, Q = X.shape[1] // s, X.shape[2] // s
        return [X[:, i : i + s * (P - 1) + 1 : s, j : j + s * (Q - 1) + 1 : s] for i in range(s) for j in range(s)]

    def gradient_buffer(self, n: int) -> Array:
        """dX, zeroed once: pixels that no square sees are never written."""
        dX: Array = self.buffers.get("dX", (n, *self.input_shape))
        return dX


class MaxPooling2D(Pooling):
    """Y is the largest of each square; dY goes to the pixel that was it, to the first of several."""

    kind = "max_pool2d"

    def forward(self, X: Array, rng: np.random.Generator | None) -> Array:
        self.X = X
        first, *others = self.corners(X)
        Y: Array = self.buffers.get("Y", first.shape)
        np.copyto(Y, first)
        for corner in others:
            np.maximum(Y, corner, out=Y)
        self.Y = Y
        return Y

    def backward(self, dY: Array) -> Array:
        dX = self.gradient_buffer(len(dY))
        free = self.buffers.get("free", dY.shape, np.bool_)
        here = self.buffers.get("here", dY.shape, np.bool_)
        free.fill(True)
        for x, dx in zip(self.corners(self.X), self.corners(dX), strict=True):
            np.equal(x, self.Y, out=here)
            np.logical_and(here, free, out=here)
            np.not_equal(free, here, out=free)
            np.multiply(dY, here, out=dx)
        return dX


class AveragePooling2D(Pooling):
    """Y is the mean of each square; each of its pixels gets dY / size²."""

    kind = "average_pool2d"

    def forward(self, X: Array, rng: np.random.Generator | None) -> Array:
        first, *others = self.corners(X)
        Y: Array = self.buffers.get("Y", first.shape)
        np.copyto(Y, first)
        for corner in others:
            np.add(Y, corner, out=Y)
        return np.multiply(Y, 1 / self.size**2, out=Y)

    def backward(self, dY: Array) -> Array:
        dX = self.gradient_buffer(len(dY))
        for dx in self.corners(dX):
            np.multiply(dY, 1 / self.size**2, out=dx)
        return dX

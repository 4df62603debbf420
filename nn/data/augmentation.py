"""Augmentation: every image a little different each time it is seen, so that a network learns shapes, not pixels.

Each output pixel p of an image takes its value from a place u(p) of the original,

    u(p) = c + M (p − c) + t + e(p)

with c the centre, M a random rotation, scale and shear, t a random shift, and e an elastic field: white noise smoothed
by a Gaussian (Simard, Steinkraus & Platt 2003). All of it is linear in a few random numbers per image, so that the
coordinates of a whole batch are one matrix product, coefficients × basis. Between pixels the original is interpolated
bilinearly; outside it is 0.
"""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from nn.arrays import AnyArray, Array, Buffers, Shape
from nn.errors import SpecError
from nn.options import Declared, option

SMALL = 0.02
"""Smooth patterns with a share below this of the strongest one's amplitude are left out of the elastic field."""


class Augmentation(Declared):
    """Random distortions of images, new for each image in each batch; an option of 0 turns its distortion off.

    `elastic_alpha` and `elastic_sigma` are Simard's α and σ, the paper's best for MNIST being 34 and 4.
    """

    kind = "augmentation"
    shift: float = option(0.0, below=1024, says="largest shift up, down, left or right, in pixels")
    rotate: float = option(0.0, most=180, says="largest angle to either side, in degrees")
    scale: float = option(0.0, below=1, says="largest change of the height, and of the width, as a share")
    shear: float = option(0.0, below=1)
    elastic_alpha: float = option(0.0, says="strength of the elastic deformation; 34 suits 28×28 digits")
    elastic_sigma: float = option(4.0, above=0, says="smoothness of the elastic deformation, in pixels")

    def __init__(self, image_shape: Shape, **options: float) -> None:
        super().__init__(**options)
        self.H, self.W, self.channels = (*image_shape, 1)[:3]
        if self.shift >= min(self.H, self.W):
            raise SpecError(f"augmentation shift: expected fewer pixels than the images have, got {self.shift:g}")
        self.radians, alpha, sigma = math.radians(self.rotate), self.elastic_alpha, self.elastic_sigma
        self.buffers = Buffers()
        y, x = np.mgrid[: self.H, : self.W].reshape(2, -1).astype(np.float64)
        affine = [np.ones(self.H * self.W), y - (self.H - 1) / 2, x - (self.W - 1) / 2]
        elastic = alpha / math.sqrt(3) * _patterns(self.H, self.W, sigma) if alpha else np.empty((0, self.H * self.W))
        self.basis: Array = np.vstack([*affine, elastic]).astype(np.float32)

    def coordinates(self, n: int, rng: np.random.Generator) -> tuple[Array, Array]:
        """Rows and columns of u(p): (n, H·W) each, for n images."""
        terms = len(self.basis)
        coefficients: Array = self.buffers.get("coefficients", (n, 2, terms))
        if terms > 3:
            coefficients[:, :, 3:] = rng.standard_normal((n, 2, terms - 3), np.float32)
        angle, stretch_y, stretch_x, shear, shift_y, shift_x = rng.uniform(-1, 1, (6, n))
        angle, shear = angle * self.radians, shear * self.shear
        sy, sx = 1 + self.scale * stretch_y, 1 + self.scale * stretch_x
        coefficients[:, 0, 0] = (self.H - 1) / 2 + self.shift * shift_y
        coefficients[:, 1, 0] = (self.W - 1) / 2 + self.shift * shift_x
        # M = rotation · shear · scale, with rows for (y, x)
        coefficients[:, 0, 1] = np.cos(angle) * sy
        coefficients[:, 0, 2] = (np.cos(angle) * shear - np.sin(angle)) * sx
        coefficients[:, 1, 1] = np.sin(angle) * sy
        coefficients[:, 1, 2] = (np.sin(angle) * shear + np.cos(angle)) * sx
        places: Array = self.buffers.get("places", (2, n, self.H * self.W))
        np.matmul(coefficients[:, 0], self.basis, out=places[0])
        np.matmul(coefficients[:, 1], self.basis, out=places[1])
        return places[0], places[1]

    def __call__(self, images: AnyArray, rng: np.random.Generator) -> Array:
        """Distorted images: (n, H·W·channels) float32 in the units of `images`: (n, H·W·channels); a buffer."""
        n, pixels = len(images), self.H * self.W
        y, x = self.coordinates(n, rng)
        # One row and column of zeros around each image, and a place outside of it moved there: nothing else to check.
        padded: Array = self.buffers.get("padded", (n, self.H + 2, self.W + 2, self.channels))
        padded[:, 1:-1, 1:-1] = images.reshape(n, self.H, self.W, self.channels)
        source, stride = padded.reshape(-1, self.channels), self.W + 2
        corner: Array = self.buffers.get("corner", (n, pixels))
        whole: Array = self.buffers.get("whole", (n, pixels))
        first = (np.arange(n) * ((self.H + 2) * stride) + stride + 1)[:, None]
        corner.fill(0)
        for places, size, step in ((y, self.H, stride), (x, self.W, 1)):
            np.clip(places, -1, size - 1e-3, out=places)
            np.floor(places, out=whole)
            np.subtract(places, whole, out=places)  # now the way to the next pixel, 0 … 1
            np.multiply(whole, step, out=whole)
            np.add(corner, whole, out=corner)
        at = self.buffers.get("at", (n, pixels), np.intp)
        np.copyto(at, corner, casting="unsafe")
        np.add(at, first, out=at)  # as whole numbers: from 2²⁴ on a float32 has not every one of them
        fy, fx = y.reshape(-1, 1), x.reshape(-1, 1)
        a, b, c, d = (
            np.take(
                source[offset:],
                at.reshape(-1),
                axis=0,
                mode="clip",
                out=self.buffers.get(name, (n * pixels, self.channels)),
            )
            for name, offset in (("a", 0), ("b", 1), ("c", stride), ("d", stride + 1))
        )
        for left, right in ((a, b), (c, d)):
            np.subtract(right, left, out=right)
            np.multiply(right, fx, out=right)
            np.add(left, right, out=left)
        np.subtract(c, a, out=c)
        np.multiply(c, fy, out=c)
        np.add(a, c, out=a)
        out: Array = a.reshape(n, pixels * self.channels)
        return out


def _patterns(H: int, W: int, sigma: float) -> Array:
    """Fields e₁, e₂, …: (terms, H·W) whose sum with independent N(0, 1) coefficients is white noise, smoothed.

    Smoothing an image N of noise is Gy N Gxᵀ. With the singular value decompositions G = U S Vᵀ that is
    (Uy Sy) (Vyᵀ N Vx) (Ux Sx)ᵀ, and Vyᵀ N Vx is white noise again: the fields are the products of the columns of U S.
    All but the few smooth ones have amplitudes next to nothing, so a hundred random numbers do the work of a thousand.
    """
    left, right = (_smooth_columns(size, sigma) for size in (H, W))
    fields: Array = np.einsum("yi,xj->ijyx", left, right).reshape(-1, H * W)
    amplitudes = np.linalg.norm(fields, axis=1)
    kept: Array = fields[amplitudes > SMALL * amplitudes.max()]
    return kept


def _smooth_columns(size: int, sigma: float) -> Array:
    """U S of the matrix that smooths `size` numbers in a row by a Gaussian."""
    distance = np.arange(size)[:, None] - np.arange(size)
    gaussian = np.exp(-(distance**2) / (2 * sigma**2)) / (sigma * math.sqrt(2 * math.pi))
    U, S, _ = np.linalg.svd(gaussian)
    columns: Array = U * S
    return columns


def augmentation_from(config: Mapping[str, Any], input_shape: Shape) -> Augmentation:
    """From {"shift": 2, "rotate": 10, …}; SpecError, also where the rows are no images."""
    if len(input_shape) not in (2, 3):
        raise SpecError(f"augmentation: expected images, got rows of shape {input_shape}")
    return Augmentation(input_shape, **config)

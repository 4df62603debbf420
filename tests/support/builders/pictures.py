"""Pictures, and models that take them."""

import io

import numpy as np
from PIL import Image

import nn

MNIST = nn.datasets.load("mnist")
DIGITS = MNIST.x_test[:200].reshape(-1, 28, 28)


def model_of(*shape: int) -> nn.Model:
    return nn.Model.build((shape, "classification", ("a", "b")), hidden_layers=[2], rng=np.random.default_rng(1))


def file_of(pixels: np.ndarray, kind: str = "PNG", mode: str | None = None) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels, mode).save(file, kind)
    return file.getvalue()


DRAWN = np.zeros((28, 28), np.uint8)
DRAWN[6:20, 10:14] = 255


def progressive(scans: int, side: int = 64) -> bytes:
    """A JPEG with so many empty scans after its own, each of which goes over the whole picture again."""
    file = io.BytesIO()
    Image.fromarray(np.kron(DRAWN, np.ones((side // 28 + 1,) * 2, np.uint8))).save(file, "JPEG", progressive=True)
    data = file.getvalue()
    return data[:-2] + b"\xff\xda\x00\x08\x01\x01\x00\x01\x3f\x00" * scans + data[-2:]

"""MNIST: 60,000 handwritten digits to train on and 10,000 to test with, shipped as the original files (README.md)."""

import hashlib
from importlib import resources

import numpy as np

from nn.arrays import AnyArray
from nn.data.dataset import Dataset
from nn.data.readers.idx import gunzip, read_idx
from nn.errors import FormatError

MD5 = {
    "train-images-idx3-ubyte": "6bbc9ace898e44ae57da46a324031adb",
    "train-labels-idx1-ubyte": "a25bea736e30d166cdddb491f175f624",
    "t10k-images-idx3-ubyte": "2646ac647ad5339dbf082846283269ea",
    "t10k-labels-idx1-ubyte": "27ae3e4e09519cfbb04c329615203637",
}


def load() -> Dataset:
    """MNIST with x: (60000, 784) and (10000, 784) uint8 in 0 … 255, y the digits; FormatError if a file is damaged."""
    return Dataset(
        x_train=_read("train-images-idx3-ubyte").reshape(-1, 784),
        y_train=_read("train-labels-idx1-ubyte").astype(np.intp),
        x_test=_read("t10k-images-idx3-ubyte").reshape(-1, 784),
        y_test=_read("t10k-labels-idx1-ubyte").astype(np.intp),
        task="classification",
        classes=tuple("0123456789"),
        input_shape=(28, 28),
        name="mnist",
    )


def _read(name: str) -> AnyArray:
    data = gunzip(resources.files(__name__).joinpath(f"{name}.gz").read_bytes())
    came = hashlib.md5(data, usedforsecurity=False).hexdigest()
    if came != MD5[name]:
        raise FormatError(f"{name}: expected MD5 {MD5[name]}, got {came}")
    return read_idx(data)

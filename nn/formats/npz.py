"""npz: NumPy's own container."""

from typing import Any

from nn.arrays import AnyArray
from nn.container import pack, unpack
from nn.formats.tensors import header_of, tensors_of
from nn.model import Model


def write(model: Model) -> bytes:
    """The model's tensors, and its architecture as JSON text in an array of bytes."""
    return pack(tensors_of(model), header_of(model))


def read(data: bytes) -> tuple[dict[str, AnyArray], dict[str, Any]]:
    """(tensors, header); FormatError."""
    return unpack(data)

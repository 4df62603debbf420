"""Saving and loading models: one module a format, and the table that names them. Never pickle."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from nn import checks
from nn.arrays import AnyArray
from nn.errors import FormatError, SpecError
from nn.formats import npz, onnx, safetensors
from nn.formats.state_dict import COUNTERS, completed
from nn.formats.tensors import model_from
from nn.model import Model


@dataclass(frozen=True)
class Format:
    """How a model becomes bytes, and, for formats that can be read, bytes become tensors and a header."""

    write: Callable[[Model], bytes]
    read: Callable[[bytes], tuple[dict[str, AnyArray], dict[str, Any]]] | None


FORMATS: dict[str, Format] = {
    "npz": Format(npz.write, npz.read),
    "onnx": Format(onnx.write, None),
    "safetensors": Format(safetensors.write, safetensors.read),
}


def save(model: Model, format: str = "safetensors") -> bytes:  # noqa: A002  # the API's word
    """The model as a file's bytes; SpecError for an unknown format."""
    return checks.lookup(FORMATS, format, "format").write(model)


def load(data: bytes, format: str | None = None, *, architecture: Mapping[str, Any] | None = None) -> Model:  # noqa: A002  # the API's word
    """The model in a file's bytes; FormatError.

    `format` None is recognised by the first bytes. `architecture` is for files that another program wrote, without one,
    such as the state dict of a `torch.nn.Sequential` (`nn.formats.state_dict`): names and shapes must be those of its
    layers.
    """
    if format is None:
        format = _format_of(data)  # noqa: A001  # the API's word
    read = checks.lookup(FORMATS, format, "format").read
    if read is None:
        raise SpecError(f"format: expected one that can be read, got {format!r}")
    tensors, header = read(data)
    if architecture is not None:
        tensors = {name: array for name, array in tensors.items() if not name.endswith(COUNTERS)}
        header = {**header, "architecture": completed(architecture)}
    try:
        return model_from(tensors, header)
    except (TypeError, ValueError, AttributeError) as error:
        raise FormatError(f"model: expected an architecture as neurond writes it, got an error: {error}") from None


def _format_of(data: bytes) -> str:
    """By the first bytes; FormatError. A safetensors file has 8 bytes, the size of its header, and then JSON."""
    if data.startswith(b"PK\x03\x04"):
        return "npz"
    if data[8:9] != b"{":
        raise FormatError(f"file: expected a model as safetensors or npz, got one that begins with {data[:16]!r}")
    return "safetensors"

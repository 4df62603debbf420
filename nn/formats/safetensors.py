"""safetensors, the native format: a JSON header and raw numbers, nothing that could run (Hugging Face, format 1.0).

The keys are those of `torch.nn.Sequential`: "0.weight" (n_out, n_in), "0.bias", "2.weight" … Architecture and
preprocessing travel as JSON under "neurond" in `__metadata__`.
"""

import json
import math
from typing import Any

from nn.arrays import AnyArray
from nn.errors import FormatError
from nn.formats.tensors import header_of, tensors_of
from nn.model import Model

SIZES = {"F32": 4, "F64": 8, "I64": 8}
MAX_HEADER = 100_000_000


def write(model: Model) -> bytes:
    """The file's bytes."""
    from safetensors.numpy import save

    return save(tensors_of(model), {"neurond": json.dumps(header_of(model))})


def read(data: bytes) -> tuple[dict[str, AnyArray], dict[str, Any]]:
    """(tensors, header), the header {} where another program wrote the file; FormatError."""
    from safetensors import SafetensorError
    from safetensors.numpy import load

    metadata = _check_header(data)
    try:
        tensors: dict[str, AnyArray] = load(data)
    except (SafetensorError, ValueError, KeyError, TypeError) as error:
        raise FormatError(f"safetensors: expected a whole file, got an error: {error}") from None
    try:
        header = json.loads(metadata.get("neurond", "{}"))
    except (ValueError, RecursionError, TypeError) as error:
        raise FormatError(f"safetensors: expected JSON under neurond, got an error: {error}") from None
    if not isinstance(header, dict):
        raise FormatError(f"safetensors: expected a JSON object under neurond, got {type(header).__name__}")
    return tensors, header


def _check_header(data: bytes) -> dict[str, Any]:
    """The `__metadata__`, once every tensor's claim fits the bytes that came."""
    size = int.from_bytes(data[:8], "little")
    if len(data) < 8 or size > min(MAX_HEADER, len(data) - 8):
        raise FormatError(f"safetensors: expected a header within {len(data)} bytes, got a size of {size}")
    try:
        header = json.loads(data[8 : 8 + size])
    except (ValueError, RecursionError) as error:
        raise FormatError(f"safetensors: expected a JSON header, got an error: {error}") from None
    if not isinstance(header, dict):
        raise FormatError(f"safetensors: expected a JSON object as header, got {type(header).__name__}")
    metadata = header.pop("__metadata__", {})
    total = 0
    for name, entry in header.items():
        try:
            total += math.prod(entry["shape"]) * SIZES[entry["dtype"]]
        except (KeyError, TypeError) as error:
            raise FormatError(f"{name}: expected a shape and a dtype of {', '.join(SIZES)}, got {error}") from None
    if total != len(data) - 8 - size or not isinstance(metadata, dict):
        raise FormatError(f"safetensors: expected {total} bytes of tensors, got {len(data) - 8 - size}")
    return metadata

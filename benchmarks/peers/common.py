"""What every peer does with a request: the same rows through the same network."""

import os
from pathlib import Path
from typing import Any

import numpy as np

import nn


def load() -> nn.Model:
    """The model whose file is named by PEER_MODEL."""
    return nn.formats.load(Path(os.environ["PEER_MODEL"]).read_bytes())


def answer(outputs: Any) -> dict[str, Any]:
    """Probabilities, (rows, classes), as each server gives them."""
    return {"predictions": outputs.argmax(axis=1).tolist(), "probabilities": outputs.tolist()}


def rows(inputs: Any) -> Any:
    """Rows as float32: (rows, input_size)."""
    return np.array(inputs, dtype=np.float32)

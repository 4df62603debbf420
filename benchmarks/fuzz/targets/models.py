"""Model files: what is loaded can be asked, and saved; what is not is refused with FormatError or SpecError."""

import numpy as np

from nn import Model
from nn.errors import NNError
from nn.formats import load, save

MOST_NUMBERS = 1 << 16
"""Larger rows are not predicted: the fuzzer would measure the matrix product."""


def one(data: bytes) -> None:
    """Load it, ask it, save it in both formats, and load those."""
    try:
        model = load(data)
    except NNError:
        return
    if model.input_size <= MOST_NUMBERS:
        _ask(model)
    for name in ("safetensors", "npz"):
        again = load(save(model, name))
        assert again.architecture == model.architecture, name


def _ask(model: Model) -> None:
    try:
        outputs = model.predict(np.zeros((1, model.input_size), np.float32))
    except NNError:  # a network that overflows says so
        return
    assert len(outputs) == 1

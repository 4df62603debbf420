"""Defaults by name, one file each in `presets/`. A request's own values go before them.

A file has a `title`, what it is `about`, its `place` in a list, the `spec` that is laid under a request, and, where it
`suits` only some data, which: `tables`, or the built-in data set of that name. Its `sizes` say what is other `from` so
many training rows on, `below` so many; null: however many there are.
"""

from importlib import resources
from typing import Any, Final

import orjson

SHORTHAND: Final = ("hidden_layers", "activation", "dropout", "members", "embedding")
"""The fields that describe a model's layers in short, in place of `layers`."""

_FILES: Final = [
    (file.name.removesuffix(".json"), orjson.loads(file.read_bytes()))
    for file in resources.files(__package__).joinpath("presets").iterdir()
]

PRESETS: Final[dict[str, dict[str, Any]]] = dict(sorted(_FILES, key=lambda entry: entry[1]["place"]))
"""Name → file; `standard` leaves every default as it is."""


def deep_merge(preset: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """A request over a preset, without those fields of the preset that the request rules out."""
    model, training = (part if isinstance(part := given.get(name), dict) else {} for name in ("model", "training"))
    ruled_out = {
        "model": (*SHORTHAND, "preprocessing") if model.get("layers") is not None else (),
        "training": (
            *(("loss",) if training.get("teacher") is not None else ()),
            *(("early_stopping",) if training.get("validation_split") == 0 else ()),
        ),
    }
    kept = {
        part: {field: value for field, value in fields.items() if field not in ruled_out[part]}
        for part, fields in preset.items()
    }
    return merge(kept, given)


def merge(defaults: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """`given` over `defaults`, field by field."""
    return defaults | {field: _over(defaults.get(field), value) for field, value in given.items()}


def _over(default: Any, given: Any) -> Any:
    """A value that is no object, or an object of another name (another optimizer, say), replaces the whole default."""
    if not isinstance(default, dict) or not isinstance(given, dict):
        return given
    if given.get("name", default.get("name")) != default.get("name"):
        return given
    return merge(default, given)

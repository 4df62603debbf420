"""Defaults by name. What a request says itself goes before them."""

from typing import Any, Final

from worker.jobspec.layers import SHORTHAND

ARTICLE: Final[dict[str, Any]] = {
    "model": {
        "hidden_layers": [128, 64],
        "activation": "sigmoid",
        "initializer": "article",
        "bias": False,
        "dropout": 0.0,
    },
    "training": {
        "loss": "mean_squared_error",
        "optimizer": {"name": "sgd", "learning_rate": 0.001, "momentum": 0.0, "nesterov": False},
        "batch_size": 1,
        "epochs": 10,
        "samples": "all",
        "shuffle": False,
        "validation_split": 0.15,
        "schedule": {"name": "constant"},
    },
}
"""Casper Hansen, "Neural Network From Scratch with NumPy and MNIST": its network, its data, its loop."""

TABLE: Final[dict[str, Any]] = {
    "model": {"hidden_layers": [32, 16]},
    "training": {
        "optimizer": {"name": "adam", "learning_rate": 0.01},
        "batch_size": 32,
        "epochs": 100,
        "early_stopping": {"patience": 15},
    },
}
"""For the rows of a table, which are often few: small steps, many times, until they make it no better."""

PRESETS: Final[dict[str, dict[str, Any]]] = {"standard": {}, "table": TABLE, "article": ARTICLE}
"""By name; `standard` leaves every default as it is."""


def deep_merge(preset: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """A request over a preset, of which it rules out what cannot stand beside it."""
    model, training = (part if isinstance(part := given.get(name), dict) else {} for name in ("model", "training"))
    ruled_out = {
        "model": SHORTHAND if model.get("layers") is not None else (),
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
    """What is no object, or one of another name (another optimizer, say), replaces the default whole."""
    if not isinstance(default, dict) or not isinstance(given, dict):
        return given
    if given.get("name", default.get("name")) != default.get("name"):
        return given
    return merge(default, given)

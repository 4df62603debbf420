"""What the child process can be asked for."""

from collections.abc import Callable, Mapping
from pkgutil import resolve_name
from typing import Any, Final, cast

Task = Callable[[Mapping[str, Any]], dict[str, Any]]
"""From what is asked to what was found; NNError says what is wrong."""

TASKS: Final = {
    "convert": "worker.ingest.models:convert_model",
    "import": "worker.ingest.models:import_model",
    "ingest": "worker.ingest.read:read_dataset",
    "predict": "worker.inference.tables:predict_dataset",
}
"""`module:function` by name: the child imports the one that it is asked for."""


def task(name: str) -> Task:
    """The task of this name."""
    return cast(Task, resolve_name(TASKS[name]))

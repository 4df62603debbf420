"""What the child process can be asked for."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from worker.inference.tables import predict_dataset
from worker.ingest.models import convert_model, import_model
from worker.ingest.read import read_dataset

TASKS: Final[dict[str, Callable[[Mapping[str, Any]], dict[str, Any]]]] = {
    "convert": convert_model,
    "import": import_model,
    "ingest": read_dataset,
    "predict": predict_dataset,
}
"""By name: from what is asked to what was found; NNError says what is wrong."""

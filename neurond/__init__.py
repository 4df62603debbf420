"""A client of neurond's HTTP API, for programs and for the command line.

    from neurond import Client

    with Client("http://127.0.0.1:8000") as client:
        job = client.submit(dataset="mnist", training={"epochs": 5}).wait()
        print(job.status, job.metrics["test_accuracy"])
        print(client.predict(job.model_id, [[0.0] * 784]).predictions)

What the service asks to be tried again (429, 503), and what a lost connection left open, is tried again, with pauses
that grow, until `patience` is over. A submit that is sent twice for that makes one job: it carries a key of its own.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from neurond.answers import BatchPrediction, Event, Note, Prediction, Sample
    from neurond.client import DEFAULT_URL, Client
    from neurond.errors import ApiError, ClientError, JobFailedError, PredictionFailedError, UnreachableError
    from neurond.handles import FINISHED, Alias, Dataset, Job, Model

__all__ = [
    "DEFAULT_URL",
    "FINISHED",
    "Alias",
    "ApiError",
    "BatchPrediction",
    "Client",
    "ClientError",
    "Dataset",
    "Event",
    "Job",
    "JobFailedError",
    "Model",
    "Note",
    "Prediction",
    "PredictionFailedError",
    "Sample",
    "UnreachableError",
]


def __getattr__(name: str) -> Any:
    """What is asked for, once it is (PEP 562): who only looks at a URL does not wait for HTTP to be imported."""
    if name in __all__:
        for module in ("handles", "errors", "answers", "client"):  # a job of `handles` goes before that of `answers`
            parts = vars(import_module(f"neurond.{module}"))
            if name in parts:
                return parts[name]
    raise AttributeError(f"module 'neurond' has no attribute {name!r}")

"""A client of the HTTP API, for programs and for the command line.

    from api.client import Client

    with Client("http://127.0.0.1:8000") as client:
        job = client.submit(dataset="mnist", training={"epochs": 5}).wait()
        print(job.status, job.metrics["test_accuracy"])
        print(client.predict(job.model_id, [[0.0] * 784]).predictions)

What the service asks to be tried again (429, 503), and what a lost connection left open, is tried again, with pauses
that grow, until `patience` is over. A submit that is sent twice for that makes one job: it carries a key of its own.
"""

from api.client.client import DEFAULT_URL, Client
from api.client.errors import ApiError, ClientError, JobFailedError, PredictionFailedError, UnreachableError
from api.client.handles import FINISHED, Alias, Dataset, Job, Model
from api.schemas import Event, Prediction, Sample

__all__ = [
    "DEFAULT_URL",
    "FINISHED",
    "Alias",
    "ApiError",
    "Client",
    "ClientError",
    "Dataset",
    "Event",
    "Job",
    "JobFailedError",
    "Model",
    "Prediction",
    "PredictionFailedError",
    "Sample",
    "UnreachableError",
]

"""The shapes of what goes in and out over HTTP, one file a noun: they validate, they answer, they are the description.

A view makes its answer of a record with `Shape.model_validate(record)`; `/openapi.json` is made of the same classes,
and the Python client reads answers with them.
"""

from api.schemas.access import KeyAccess
from api.schemas.aliases import Alias, AliasList
from api.schemas.common import Answered, ListOf, NamedPageQuery, PageQuery, Query, Whole
from api.schemas.datasets import Dataset, DatasetList, Sample, SampleList, SamplesQuery
from api.schemas.events import Event, EventList, EventsQuery
from api.schemas.health import Alive, Ready
from api.schemas.jobs import Job, JobList, JobsQuery, SubmitHeaders
from api.schemas.models import ExportQuery, Model, ModelList
from api.schemas.predictions import (
    BatchPrediction,
    DatasetInput,
    PredictHeaders,
    Prediction,
    PredictionInput,
    TableQuery,
    UploadedImage,
)
from api.schemas.problem import FieldError, Problem
from api.schemas.protocol import (
    InferRequest,
    InferResponse,
    ModelMetadata,
    ProtocolError,
    ServerMetadata,
    TensorMetadata,
)
from api.schemas.workers import Worker, WorkerList

__all__ = [
    "Alias",
    "AliasList",
    "Alive",
    "Answered",
    "BatchPrediction",
    "Dataset",
    "DatasetInput",
    "DatasetList",
    "Event",
    "EventList",
    "EventsQuery",
    "ExportQuery",
    "FieldError",
    "InferRequest",
    "InferResponse",
    "Job",
    "JobList",
    "JobsQuery",
    "KeyAccess",
    "ListOf",
    "Model",
    "ModelList",
    "ModelMetadata",
    "NamedPageQuery",
    "PageQuery",
    "PredictHeaders",
    "Prediction",
    "PredictionInput",
    "Problem",
    "ProtocolError",
    "Query",
    "Ready",
    "Sample",
    "SampleList",
    "SamplesQuery",
    "ServerMetadata",
    "SubmitHeaders",
    "TableQuery",
    "TensorMetadata",
    "UploadedImage",
    "Whole",
    "Worker",
    "WorkerList",
]

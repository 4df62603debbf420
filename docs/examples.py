"""Writes the examples of `/openapi.json`: the answers that the API makes of the records in this file.

python docs/reference.py            writes them too; a test tells when it must be run again
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
from pydantic import BaseModel

from api import schemas
from worker.jobspec import JobSpec
from worker.store import aliases, datasets, events, jobs, models, predictions, queue_position, uploads, workers

PAGE = Path(__file__).parents[1] / "api" / "openapi" / "examples.json"

BEGUN = datetime(2026, 11, 24, 12, tzinfo=UTC)
JOB_ID, MODEL_ID = "job_2f6d1c0b9a8e7f6d5c4b3a29", "model_7b1e0d9c8f7a6b5c4d3e2f10"
DATASET_ID, PREDICTION_ID = "ds_5c0e8f1a2b3c4d5e6f708192", "pred_0a1b2c3d4e5f60718293a4b5"
SHA256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


def at(seconds: float) -> datetime:
    """The moment `seconds` after the first of these records was made."""
    return BEGUN + timedelta(seconds=seconds)


JOB = jobs.Job(
    id=JOB_ID,
    status="running",
    revision=5,
    attempt=1,
    token=1,
    config=JobSpec(dataset="mnist", name="first", seed=42).model_dump(mode="json"),
    created_at=at(0),
    started_at=at(0.12),
    finished_at=None,
    cancel_requested_at=None,
    progress={
        "epoch": 3,
        "epochs": 10,
        "step": 120,
        "steps": 422,
        "samples_per_second": 154000.0,
        "eta_seconds": 2.7,
    },
    metrics={"train_loss": 0.12, "validation_loss": 0.14, "validation_accuracy": 0.958},
    model_id=None,
    error=None,
    checkpoints=[],
)
QUEUED = replace(JOB, status="queued", revision=1, attempt=0, token=0, started_at=None, progress=None, metrics=None)
TURN = queue_position.Turn(position=1, starts_in_seconds=4.0)

MODEL = models.Model(
    id=MODEL_ID,
    revision=1,
    created_at=at(3.48),
    name="first",
    job_id=JOB_ID,
    dataset="mnist",
    task="classification",
    classes=list("0123456789"),
    architecture={"layers": [{"kind": "dense", "units": 10}]},
    metrics={
        "test_accuracy": 0.979,
        "baseline": 0.1135,
        "baseline_class": "1",
        "standard_error": 0.0014,
        "train_seconds": 3.1,
    },
    sha256=SHA256,
    size_bytes=437304,
)

DATASET = datasets.Dataset(
    id=DATASET_ID,
    status="succeeded",
    revision=3,
    attempt=1,
    spec={"name": None, "target": "grape"},
    files=(uploads.UploadedFile(field="file", filename="wine.csv", size_bytes=11157, sha256=SHA256),),
    upload=DATASET_ID,
    keeps_upload=True,
    created_at=at(0.12),
    started_at=at(0.2),
    finished_at=at(0.87),
    cancel_requested_at=None,
    about={
        "format": "csv",
        "task": "classification",
        "target": "grape",
        "classes": ["barbera", "barolo", "grignolino"],
        "class_counts": [48, 59, 71],
        "rows": {"train": 142, "test": 36, "total": 178},
        "input_shape": [2],
        "missing": 1,
        "column_count": 2,
        "columns": [
            {
                "name": "alcohol",
                "kind": "numeric",
                "missing": 1,
                "minimum": 11.03,
                "maximum": 14.83,
                "mean": 13,
                "histogram": [3, 7, 19, 24, 18, 17, 19, 21, 22, 17, 8, 2],
            },
            {
                "name": "soil",
                "kind": "categorical",
                "missing": 0,
                "category_count": 2,
                "categories": ["clay", "sand"],
                "histogram": [97, 81],
            },
        ],
        "left_out": [{"name": "id", "reason": "it has no name of its own and numbers the rows"}],
        "preview": [[13.2, "clay"], [None, "sand"]],
        "preview_targets": [1, 2],
        "notes": [
            "the task is classification: the targets are names",
            "column 'id' is left out: it has no name of its own and numbers the rows",
        ],
        "blob": f"datasets/{SHA256}.safetensors",
    },
    error=None,
)
PROCESSING = replace(DATASET, status="queued", revision=1, attempt=0, started_at=None, finished_at=None, about=None)

PREDICTION = predictions.Prediction(
    id=PREDICTION_ID,
    status="queued",
    revision=1,
    attempt=0,
    model_id=MODEL_ID,
    format="csv",
    asked={"dataset": "mnist", "split": "test"},
    created_at=at(5),
    started_at=None,
    finished_at=None,
    cancel_requested_at=None,
    rows=None,
    notes=[],
    result=None,
    error=None,
)

ALIAS = aliases.Alias(name="digits", model_id=MODEL_ID, revision=1, created_at=at(4), updated_at=at(4))

WORKER = workers.Worker(
    name="worker-train~3f9c2ab1@host", queue="training", silent_seconds=0.8, threads=2, job_ids=[JOB_ID]
)

EVENT = events.Event(
    id=f"{BEGUN.timestamp() * 1000:.0f}-0",
    event="epoch",
    data={"epoch": 1, "epochs": 10, "train_loss": 0.31, "validation_accuracy": 0.941},
)

ANSWERS: dict[str, BaseModel] = {
    "Job": schemas.Job.model_validate(JOB),
    "Job, queued": schemas.Job.of(QUEUED, TURN),
    "Job, to be cancelled": schemas.Job.model_validate(replace(JOB, cancel_requested_at=at(1))),
    "Event": schemas.Event.model_validate(EVENT),
    "Model": schemas.Model.model_validate(MODEL),
    "Alias": schemas.Alias.model_validate(ALIAS),
    "Dataset": schemas.Dataset.of(DATASET),
    "Dataset, processing": schemas.Dataset.of(PROCESSING),
    "BatchPrediction": schemas.BatchPrediction.model_validate(PREDICTION),
    "Worker": schemas.Worker.model_validate(WORKER),
}

TENSOR = {"name": "probabilities", "datatype": "FP32", "shape": [1, 2], "data": [0.02, 0.98]}

OTHERS: dict[str, Mapping[str, Any]] = {
    "Alive": {"status": "ok"},
    "InferRequest": {
        "id": "7",
        "inputs": [{"name": "input", "datatype": "FP32", "shape": [1, 2], "data": [0.5, 1.5]}],
    },
    "InferResponse": {"model_name": "digits", "model_version": "1", "id": "7", "outputs": [TENSOR]},
    "KeyAccess": {"object": "access", "access": "full"},
    "ModelMetadata": {
        "name": "digits",
        "versions": ["1"],
        "platform": "neurond",
        "inputs": [{"name": "input", "datatype": "FP32", "shape": [-1, 784]}],
        "outputs": [{"name": "probabilities", "datatype": "FP32", "shape": [-1, 10]}],
    },
    "Prediction": {
        "id": PREDICTION_ID,
        "object": "prediction",
        "status": "succeeded",
        "model_id": MODEL_ID,
        "predictions": [1],
        "probabilities": [[0.02, 0.98]],
        "notes": [
            {
                "column": "city",
                "value": "Oslo",
                "rows": 1,
                "detail": "training never saw this value: read as missing",
            }
        ],
        "created_at": "2026-11-24T12:00:05.000000Z",
        "finished_at": "2026-11-24T12:00:05.001000Z",
        "error": None,
    },
    "PredictionInput": {"inputs": [[0.5, 1.5], [2.0, 0.1]]},
    "Problem": {
        "type": "urn:neurond:problem:invalid-input",
        "title": "Invalid input",
        "status": 422,
        "detail": "#/training/epochs: input should be greater than or equal to 1, got -1",
        "instance": "/v1/jobs",
        "errors": [{"pointer": "#/training/epochs", "detail": "input should be greater than or equal to 1, got -1"}],
    },
    "ProtocolError": {"error": "no model 'digits'"},
    "Ready": {
        "status": "ready",
        "redis": "ok",
        "exchange": "ok",
        "workers": {"training": 1, "prediction": 1},
        "blobs": "ok",
    },
    "SampleList": {"data": [{"index": 0, "x": [0, 18, 255], "y": 7}]},
    "ServerMetadata": {"name": "neurond", "version": "0.1.0", "extensions": ["binary_tensor_data"]},
}
"""What no record tells, or a worker writes itself."""


def write() -> str:
    """All of them, by the shape that they are of, and after a comma what is special."""
    answers = {name: answer.model_dump(mode="json") for name, answer in ANSWERS.items()}
    return orjson.dumps(answers | OTHERS, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()


if __name__ == "__main__":
    PAGE.write_text(write(), "utf-8")

"""A stored model."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, Self

from pydantic import ConfigDict, Field

from api.schemas.common import FILE, Answered, ListOf, Query, is_long

if TYPE_CHECKING:
    from worker.store import models as records


class ModelUrls(Answered):
    """Where to go on."""

    self: str
    predictions: str
    export: str
    job: str | None = Field(description="null: it was not trained here")


class ExportQuery(Query):
    """In which format."""

    format: Literal["safetensors", "npz", "onnx"] = "safetensors"


class ImportQuery(Query):
    """What the file does not say."""

    name: Annotated[str, Field(min_length=1, max_length=200)] | None = Field(None, description="what to call it")


IMPORT_FORM: Final = {
    "type": "object",
    "required": ["file"],
    "properties": {
        "file": FILE
        | {"description": "safetensors or npz: an export of ours, or a state dict of a `torch.nn.Sequential`"},
        "architecture": {
            "type": "string",
            "contentMediaType": "application/json",
            "description": 'for a state dict: `{"input_shape": [784], "layers": [{"type": "dense", "units": 10}]}`',
        },
        "name": {"type": "string", "description": "what to call it"},
    },
    "additionalProperties": False,
}


class Mistake(Answered):
    """A row of the test part that a model gets wrong."""

    index: int = Field(description="its place in the test part: `?split=test&offset=` of the data set's samples")
    label: int
    predicted: int
    probability: float = Field(description="how sure the model was of what it said")


class Evaluation(Answered):
    """What a model gets wrong on the rows that training never saw."""

    rows: int
    confusion: list[list[int]] = Field(description="`confusion[t][p]`: rows of class t that were taken for p")
    mistakes: list[Mistake] = Field(description="the worst: those of which it was surest")


class Model(Answered):
    """What a job made, or what came from outside."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "model_7b1e0d9c8f7a6b5c4d3e2f10",
                    "object": "model",
                    "created": 1795521603,
                    "created_at": "2026-11-24T12:00:03.480000Z",
                    "owned_by": "neurond",
                    "name": "first",
                    "job_id": "job_2f6d1c0b9a8e7f6d5c4b3a29",
                    "dataset": "mnist",
                    "task": "classification",
                    "classes": ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
                    "architecture": {"layers": [{"kind": "dense", "units": 10}]},
                    "metrics": {
                        "test_accuracy": 0.979,
                        "baseline": 0.1135,
                        "baseline_class": "1",
                        "standard_error": 0.0014,
                        "train_seconds": 3.1,
                    },
                    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                    "size_bytes": 437304,
                    "urls": {
                        "self": "/v1/models/model_7b1e0d9c8f7a6b5c4d3e2f10",
                        "predictions": "/v1/models/model_7b1e0d9c8f7a6b5c4d3e2f10/predictions",
                        "export": "/v1/models/model_7b1e0d9c8f7a6b5c4d3e2f10/export",
                        "job": "/v1/jobs/job_2f6d1c0b9a8e7f6d5c4b3a29",
                    },
                }
            ]
        }
    )

    id: str
    object: Literal["model"]
    created: int = Field(description="seconds since 1970, for clients of the OpenAI API")
    created_at: datetime
    owned_by: Literal["neurond"] = Field(description="for clients of the OpenAI API")
    name: str | None
    job_id: str | None = Field(description="null: it was not trained here")
    dataset: str | None = Field(description="null: it was not trained here")
    task: str = Field(description="`classification` or `regression`")
    classes: list[str] = Field(description="what a prediction's numbers stand for")
    architecture: dict[str, Any]
    metrics: dict[str, Any]
    sha256: str = Field(description="of the file of its weights")
    size_bytes: int
    evaluation: Evaluation | None = Field(
        None, description="of a classifier with a test part: what it gets wrong there"
    )
    growth: list[int] | None = Field(
        None, description="epochs of which `/growth` has a copy of the first layer's weights; 0: before the first"
    )
    class_count: int | None = Field(None, description="how many classes there are, also where a list leaves them out")
    abridged: bool = Field(
        False,
        description="in a list: `classes`, `evaluation` and long parts of `architecture` are left out; ask for the one",
    )
    urls: ModelUrls

    @classmethod
    def of(cls, record: records.Model) -> Self:
        """The model of a record."""
        return cls._of(record, classes=record.classes, architecture=record.architecture, evaluation=record.evaluation)

    @classmethod
    def listed_of(cls, record: records.Model) -> Self:
        """The model of a record in a list, without what is long."""
        long = {"classes": record.classes, "architecture": record.architecture, "evaluation": record.evaluation}
        if not is_long(long):
            return cls.of(record)
        short = {name: part for name, part in record.architecture.items() if not is_long({name: part})}
        return cls._of(record, classes=[], architecture=short, evaluation=None, abridged=True)

    @classmethod
    def _of(cls, record: records.Model, **long: Any) -> Self:
        url = f"/v1/models/{record.id}"
        return cls.model_validate(
            {
                "id": record.id,
                "object": "model",
                "created": int(record.created_at.timestamp()),
                "created_at": record.created_at,
                "owned_by": "neurond",
                "name": record.name,
                "job_id": record.job_id,
                "dataset": record.dataset,
                "task": record.task,
                "class_count": len(record.classes),
                "metrics": record.metrics,
                "sha256": record.sha256,
                "size_bytes": record.size_bytes,
                "growth": record.growth,
                **long,
                "urls": {
                    "self": url,
                    "predictions": f"{url}/predictions",
                    "export": f"{url}/export",
                    "job": f"/v1/jobs/{record.job_id}" if record.job_id else None,
                },
            }
        )


class ModelList(ListOf[Model]):
    """Models, newest first."""

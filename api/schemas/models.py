"""A stored model."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, Self, TypeAlias

from pydantic import Field

from api.schemas.common import FILE, Answered, ListOf, Query, Recorded, computed, is_long
from worker.jobspec.catalogue import names

if TYPE_CHECKING:
    from worker.store import models as records


class ModelUrls(Answered):
    """Where to go on."""

    self: str
    predictions: str
    export: str
    job: str | None = Field(description="null: it was not trained here")

    @classmethod
    def of(cls, model_id: str, job_id: str | None) -> Self:
        """Those of a model, and of the job that made it."""
        url, job = f"/v1/models/{model_id}", f"/v1/jobs/{job_id}" if job_id else None
        return cls(self=url, predictions=f"{url}/predictions", export=f"{url}/export", job=job)


if TYPE_CHECKING:
    ExportFormat: TypeAlias = str
else:
    ExportFormat = names("exports")


class ExportQuery(Query):
    """In which format."""

    format: ExportFormat = "safetensors"


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


class Model(Recorded):
    """What a job made, or what came from outside."""

    id: str
    object: Literal["model"] = "model"
    created_at: datetime
    created: int = computed(
        lambda model: int(model["created_at"].timestamp()), "seconds since 1970, for clients of the OpenAI API"
    )
    owned_by: Literal["neurond"] = Field("neurond", description="for clients of the OpenAI API")
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
    class_count: int = computed(
        lambda model: len(model["classes"]), "how many classes there are, also where a list leaves them out"
    )
    abridged: bool = Field(
        False,
        description="in a list: `classes`, `evaluation` and long parts of `architecture` are left out; ask for the one",
    )
    urls: ModelUrls = computed(lambda model: ModelUrls.of(model["id"], model["job_id"]))

    @classmethod
    def listed(cls, record: records.Model) -> Self:
        """The model of a record in a list, without what is long."""
        long = {"classes": record.classes, "architecture": record.architecture, "evaluation": record.evaluation}
        if not is_long(long):
            return cls.model_validate(record)
        short = {name: part for name, part in record.architecture.items() if not is_long({name: part})}
        model = cls.model_validate(replace(record, classes=[], architecture=short, evaluation=None))
        return model.model_copy(update={"class_count": len(record.classes), "abridged": True})


class ModelList(ListOf[Model]):
    """Models, newest first."""

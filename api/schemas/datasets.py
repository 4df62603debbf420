"""What there is to learn from."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, Self

from pydantic import ConfigDict, Field, WithJsonSchema

from api.schemas.common import DEFAULT_LIMIT, FILE, MAX_LIMIT, Answered, ErrorCode, ListOf, Query, Whole, is_long
from worker.jobspec.dataset import DatasetSpec
from worker.jobspec.names import NAMES

if TYPE_CHECKING:
    from worker.store import builtin, datasets


Values = Annotated[list[Any], WithJsonSchema({"type": "array", "items": {"type": ["number", "string", "null"]}})]
"""Numbers, or of a table names and missing values too, from our own store: they are not looked at one by one again."""


UPLOAD_FORM: Final = {
    "type": "object",
    "required": ["file"],
    "properties": {
        "file": FILE | {"description": "the data; of IDX the images"},
        "labels": FILE | {"description": "of IDX: the labels"},
        "test_file": FILE | {"description": "of IDX: the images of a test part"},
        "test_labels": FILE | {"description": "of IDX: the labels of a test part"},
        **{
            name: {"type": "string", "description": field.description}
            for name, field in DatasetSpec.model_fields.items()
        },
    },
    "additionalProperties": False,
}
"""The form of an upload: its files, and what the query may say too."""


def _lists_too(schema: dict[str, Any]) -> None:
    """Say that names of columns may come as a list."""
    for name, field in DatasetSpec.model_fields.items():
        if NAMES in field.metadata:
            described = schema["properties"][name]
            text = {"type": described.pop("type"), "maxLength": described.pop("maxLength")}
            described["anyOf"] = [{"type": "array", "items": {"type": "string"}}, text]


class DatasetAgain(DatasetSpec):
    """A data set whose file is read again. What is not said is what was said of it before."""

    model_config = ConfigDict(
        json_schema_extra=_lists_too,
    )

    source: str = Field(alias="from", description="ID of a data set whose original is kept, whatever its status is")

    def spec_over(self, before: dict[str, Any]) -> DatasetSpec:
        """What is said of the data set, where `before` was said of the other one."""
        changes = self.model_dump(include=self.model_fields_set & DatasetSpec.model_fields.keys())
        return DatasetSpec.model_validate(before | changes)


class File(Answered):
    """A file that was uploaded."""

    field: str = Field(description="its name in the form; `file` for a raw body")
    filename: str | None
    size_bytes: int
    sha256: str


class Column(Answered):
    """A column of a table. Of numbers: `minimum`, `maximum`, `mean`; of categories: how many, and the first of them.

    `histogram` counts the rows in each of twelve equal parts from minimum to maximum, or of each category named.
    """

    name: str
    kind: Literal["numeric", "categorical"]
    missing: int


class LeftOut(Answered):
    """A column of the file that is not used, and why."""

    name: str
    reason: str


class DatasetConfig(Answered):
    """What was said of the file: sent along with `from`, it is read in the same way. Null is what nobody said."""

    header: bool | None
    decimal: str | None
    thousands: str | None
    encoding: str | None
    target: str | None
    task: Literal["classification", "regression"] | None
    categorical: list[str]
    leave_out: list[str]
    test_split: float
    purpose: Literal["training", "prediction"]

    @classmethod
    def of(cls, said: dict[str, Any]) -> Self:
        """The choices of a record, its names as lists."""
        spec = DatasetSpec.model_validate(said)
        names = {"categorical": sorted(spec.categorical_columns), "leave_out": sorted(spec.left_out_columns)}
        return cls.model_validate(spec.model_dump(exclude={"name", *names}) | names)


class Rows(Answered):
    """How many rows there are to train on, and how many that training never sees."""

    train: int
    test: int
    total: int | None = Field(None, description="all rows that can be predicted; null where that was not counted")


class DatasetError(Answered):
    """Why a file cannot be used."""

    code: ErrorCode
    message: str = Field(description="names row and column")


class DatasetUrls(Answered):
    """Where to go on."""

    self: str
    samples: str


EXAMPLE: Final[dict[str, Any]] = {
    "id": "ds_5c0e8f1a2b3c4d5e6f708192",
    "object": "dataset",
    "status": "ready",
    "created_at": "2026-11-24T12:00:00.120000Z",
    "finished_at": "2026-11-24T12:00:00.870000Z",
    "name": "wine.csv",
    "built_in": False,
    "files": [
        {
            "field": "file",
            "filename": "wine.csv",
            "size_bytes": 11157,
            "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        }
    ],
    "upload": "ds_5c0e8f1a2b3c4d5e6f708192",
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
    "config": {
        "header": None,
        "decimal": None,
        "thousands": None,
        "encoding": None,
        "target": "grape",
        "task": None,
        "categorical": [],
        "leave_out": [],
        "test_split": 0.2,
        "purpose": "training",
    },
    "preview": [[13.2, "clay"], [None, "sand"]],
    "preview_targets": [1, 2],
    "notes": [
        "the task is classification: the targets are names",
        "column 'id' is left out: it has no name of its own and numbers the rows",
    ],
    "error": None,
    "urls": {
        "self": "/v1/datasets/ds_5c0e8f1a2b3c4d5e6f708192",
        "samples": "/v1/datasets/ds_5c0e8f1a2b3c4d5e6f708192/samples",
    },
}


UNKNOWN: Final[dict[str, Any]] = {
    "format": None,
    "task": None,
    "target": None,
    "classes": [],
    "class_counts": [],
    "rows": None,
    "input_shape": [],
    "missing": 0,
    "column_count": 0,
    "columns": [],
    "left_out": [],
    "preview": [],
    "preview_targets": [],
    "notes": [],
}
"""What is said while the file is not read yet, or cannot be."""

PROCESSING: Final[dict[str, Any]] = EXAMPLE | UNKNOWN | {"status": "processing", "finished_at": None}
"""The same data set as it was when it was uploaded."""


class Dataset(Answered):
    """What there is to learn from. What is known only when the file was read is null or empty until then."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    id: str
    object: Literal["dataset"]
    status: Literal["processing", "ready", "failed"]
    created_at: datetime | None = Field(description="null for what is built in")
    finished_at: datetime | None
    name: str | None
    built_in: bool
    files: list[File] = Field(description="what was uploaded")
    upload: str | None = Field(
        description="the data set with which the files came, often itself; null where they are not kept"
    )
    format: str | None = Field(description="`csv`, `npz`, `idx` or `parquet`")
    task: Literal["classification", "regression"] | None
    target: str | None = Field(description="the column that is learned; null where targets are an array of their own")
    classes: list[str] = Field(description="the names of the classes; a sample's `y` is a place in it")
    class_counts: list[int] = Field(description="rows of each class, of all rows")
    rows: Rows | None
    input_shape: list[int] = Field(description="shape of one row")
    missing: int = Field(description="missing values in all rows")
    column_count: int = Field(description="0 for arrays and images")
    columns: list[Column] = Field(description="of a table, the first hundred")
    left_out: list[LeftOut] = Field(
        default_factory=list, description="columns of the file that are not used, the first hundred"
    )
    config: DatasetConfig | None = Field(None, description="what was said of the file; null for what is built in")
    preview: list[list[Any]] = Field(description="the first rows to train on; null is a missing value")
    preview_targets: list[Any]
    notes: list[str] = Field(description="what was guessed, and what was left out")
    class_count: int | None = Field(None, description="how many classes there are, also where a list leaves them out")
    abridged: bool = Field(
        False,
        description="in a list: `classes`, `class_counts`, `columns`, `left_out`, `preview`, `preview_targets` and "
        "`notes` are left out, for they are long; ask for the one",
    )
    error: DatasetError | None
    urls: DatasetUrls

    @classmethod
    def of(cls, record: datasets.Dataset, *, listed: bool = False) -> Self:
        """The data set of a record; of one that is `listed` without what is long."""
        url = f"/v1/datasets/{record.id}"
        about = record.about or {}
        abridged = listed and is_long({name: about[name] for name in LONG if name in about})
        known = {name: about[name] for name in UNKNOWN if name in about and not (abridged and name in LONG)}
        return cls.model_validate(
            UNKNOWN
            | known
            | {
                "id": record.id,
                "object": "dataset",
                "abridged": abridged,
                "class_count": len(about.get("classes", ())),
                "status": record.state,
                "created_at": record.created_at,
                "finished_at": record.finished_at,
                "name": record.name,
                "built_in": False,
                "files": [file.as_dict() for file in record.files],
                "config": DatasetConfig.of(record.spec),
                "upload": record.upload if record.keeps_upload else None,
                "error": record.error,
                "urls": {"self": url, "samples": f"{url}/samples"},
            }
        )

    @classmethod
    def built_in_of(cls, name: str, record: builtin.ImageFiles) -> Self:
        """A data set that neurond ships."""
        url = f"/v1/datasets/{name}"
        return cls.model_validate(
            UNKNOWN
            | {
                "id": name,
                "object": "dataset",
                "status": "ready",
                "created_at": None,
                "finished_at": None,
                "name": name,
                "built_in": True,
                "files": [],
                "upload": None,
                "format": "idx",
                "task": record.task,
                "class_count": len(record.classes),
                "classes": list(record.classes),
                "class_counts": list(record.class_counts),
                "rows": {
                    "train": record.sizes["train"],
                    "test": record.sizes["test"],
                    "total": sum(record.sizes.values()),
                },
                "input_shape": list(record.shape),
                "error": None,
                "urls": {"self": url, "samples": f"{url}/samples"},
            }
        )


LONG: Final = ("classes", "class_counts", "columns", "left_out", "preview", "preview_targets", "notes")
"""What a list leaves out of an entry where it is long."""


class DatasetList(ListOf[Dataset]):
    """Data sets, newest first; last those that are built in."""


class SamplesQuery(Query):
    """Which rows."""

    split: Literal["train", "test"] = "train"
    offset: Whole = Field(0, ge=0, le=10**9, description="the first row, from 0")
    limit: Whole = Field(DEFAULT_LIMIT, ge=1, le=MAX_LIMIT, description="how many at most")


class Sample(Answered):
    """A row with its label."""

    index: int
    x: Values
    y: Any = Field(description="the place of its class in `classes`, or the number to predict")

    @classmethod
    def of(cls, record: builtin.Sample) -> Self:
        """The sample of a record."""
        return cls(index=record.index, x=record.x, y=record.y)


class SampleList(Answered):
    """Rows with their labels; fewer where the data set ends."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"data": [{"index": 0, "x": [0, 18, 255], "y": 7}]}]})

    data: list[Sample]

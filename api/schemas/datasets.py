"""What there is to learn from."""

from __future__ import annotations

from datetime import datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, Self

from pydantic import ConfigDict, Field, WithJsonSchema

from api.schemas.common import (
    DEFAULT_LIMIT,
    FILE,
    MAX_LIMIT,
    Answered,
    ErrorCode,
    ListOf,
    Query,
    Recorded,
    Whole,
    computed,
    is_long,
)
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
    """A column of a table. Of numbers: `minimum`, `maximum`, `mean`; of dates: `first`, `last`, as text; of categories:
    how many, and the first of them.

    `histogram` counts the rows in each of twelve equal parts from minimum to maximum, or of each category named.
    """

    name: str
    kind: Literal["numeric", "categorical", "date"]
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


class Dataset(Recorded):
    """What there is to learn from. What is known only when the file was read is null or empty until then."""

    id: str
    object: Literal["dataset"] = "dataset"
    status: Literal["processing", "ready", "failed"]
    created_at: datetime | None = Field(None, description="null for what is built in")
    finished_at: datetime | None = None
    name: str | None
    built_in: bool = False
    files: list[File] = Field([], description="what was uploaded")
    upload: str | None = Field(
        None, description="the data set with which the files came, often itself; null where they are not kept"
    )
    format: str | None = Field(None, description="`csv`, `npz`, `idx` or `parquet`")
    task: Literal["classification", "regression"] | None = None
    target: str | None = Field(
        None, description="the column that is learned; null where targets are an array of their own"
    )
    classes: list[str] = Field([], description="the names of the classes; a sample's `y` is a place in it")
    class_counts: list[int] = Field([], description="rows of each class, of all rows")
    rows: Rows | None = None
    input_shape: list[int] = Field([], description="shape of one row")
    missing: int = Field(0, description="missing values in all rows")
    column_count: int = Field(0, description="0 for arrays and images")
    columns: list[Column] = Field([], description="of a table, the first hundred")
    left_out: list[LeftOut] = Field([], description="columns of the file that are not used, the first hundred")
    config: DatasetConfig | None = Field(None, description="what was said of the file; null for what is built in")
    preview: list[list[Any]] = Field([], description="the first rows to train on; null is a missing value")
    preview_targets: list[Any] = Field([])
    notes: list[str] = Field([], description="what was guessed, and what was left out")
    class_count: int = computed(
        lambda dataset: len(dataset["classes"]), "how many classes there are, also where a list leaves them out"
    )
    abridged: bool = Field(
        False,
        description="in a list: `classes`, `class_counts`, `columns`, `left_out`, `preview`, `preview_targets` and "
        "`notes` are left out, for they are long; ask for the one",
    )
    error: DatasetError | None = None
    urls: DatasetUrls = computed(
        lambda dataset: DatasetUrls(
            self=f"/v1/datasets/{dataset['id']}", samples=f"/v1/datasets/{dataset['id']}/samples"
        )
    )

    @classmethod
    def of(cls, record: datasets.Dataset, *, listed: bool = False) -> Self:
        """The data set of a record; of one that is `listed` without what is long."""
        about = record.about or {}
        abridged = listed and is_long({name: about[name] for name in LONG if name in about})
        known = {name: fact for name, fact in about.items() if not (abridged and name in LONG)}
        own = {
            "name": record.name,
            "status": record.state,
            "config": DatasetConfig.of(record.spec),
            "upload": record.upload if record.keeps_upload else None,
            "class_count": len(about.get("classes", ())),
            "abridged": abridged,
        }
        return cls.model_validate(SimpleNamespace(**vars(record) | known | own))

    @classmethod
    def built_in_of(cls, name: str, record: builtin.ImageFiles) -> Self:
        """A data set that neurond ships."""
        own = {
            "id": name,
            "name": name,
            "status": "ready",
            "built_in": True,
            "format": "idx",
            "rows": record.sizes | {"total": sum(record.sizes.values())},
            "input_shape": record.shape,
            "class_counts": record.class_counts,
        }
        return cls.model_validate(SimpleNamespace(**vars(record) | own))


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


class SampleList(Answered):
    """Rows with their labels; fewer where the data set ends."""

    data: list[Sample]

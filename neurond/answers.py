"""What the API answers, by its description. `python docs/answers.py` writes this."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict


class Answer(BaseModel):
    """An answer. Fields that a later server adds are kept."""

    model_config = ConfigDict(extra="allow")

    def __getitem__(self, name: str) -> Any:
        """A field as the JSON that it is on the way: `job["progress"]["epoch"]`."""
        return self.model_dump(mode="json")[name]


class Turn(Answer):
    """When a job's turn comes."""

    position: int
    """1: it is the next"""
    starts_in_seconds: float | None
    """by what the last jobs took; null: no worker is at work, or no job has ended yet"""


class Progress(Answer):
    """How far a job is."""

    epoch: int
    """the epoch in hand, from 1; 0 before the first"""
    epochs: int
    step: int
    """batches of that epoch that are done"""
    steps: int | None
    """batches of an epoch"""
    samples_per_second: float | None
    eta_seconds: float | None
    """how long it will still take"""


class JobError(Answer):
    """Why a job failed."""

    code: str
    """`blob_missing`, `dataset_not_found`, `diverged`, `internal_error`, `invalid_data`, `invalid_input`,
    `invalid_spec`, `memory_limit`, `model_not_found`, `quota_exceeded`, `storage_failed`, `time_limit`,
    `too_large`, `too_many_samples`, `worker_lost`
    """
    message: str
    log: list[str] = []
    """the last lines that the job logged, oldest first"""


class JobUrls(Answer):
    """Where to go on."""

    self: str
    cancel: str
    events: str
    model: str | None


class Job(Answer):
    """A training job as its record tells it."""

    id: str
    object: Literal['job']
    status: Literal['queued', 'running', 'succeeded', 'failed', 'cancelled']
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    cancel_requested_at: datetime | None
    attempt: int
    """how many workers began it; one that put it back in order does not count"""
    dataset: str
    name: str | None
    metadata: dict[str, str]
    config: dict[str, Any]
    """the whole request with its defaults filled in; it can be sent again as it is"""
    queue: Turn | None
    """its place, as long as it waits"""
    progress: Progress
    metrics: dict[str, Any]
    """the newest ones; `test_…`, `baseline` and `standard_error` once, at the end"""
    model_id: str | None
    """the model that it made"""
    error: JobError | None
    urls: JobUrls


class File(Answer):
    """A file that was uploaded."""

    field: str
    """its name in the form; `file` for a raw body"""
    filename: str | None
    size_bytes: int
    sha256: str


class Rows(Answer):
    """How many rows there are to train on, and how many that training never sees."""

    train: int
    test: int
    total: int | None = None
    """all rows that can be predicted; null where that was not counted"""


class Column(Answer):
    """A column of a table. Of numbers: `minimum`, `maximum`, `mean`; of dates: `first`, `last`, as text; of
    categories: how many, and the first of them.  `histogram` counts the rows in each of twelve equal parts
    from minimum to maximum, or of each category named.
    """

    name: str
    kind: Literal['numeric', 'categorical', 'date']
    missing: int


class LeftOut(Answer):
    """A column of the file that is not used, and why."""

    name: str
    reason: str


class DatasetConfig(Answer):
    """What was said of the file: sent along with `from`, it is read in the same way. Null is what nobody said."""

    header: bool | None
    decimal: str | None
    thousands: str | None
    encoding: str | None
    target: str | None
    task: Literal['classification', 'regression'] | None
    categorical: list[str]
    leave_out: list[str]
    test_split: float
    purpose: Literal['training', 'prediction']


class DatasetError(Answer):
    """Why a file cannot be used."""

    code: str
    """`blob_missing`, `dataset_not_found`, `diverged`, `internal_error`, `invalid_data`, `invalid_input`,
    `invalid_spec`, `memory_limit`, `model_not_found`, `quota_exceeded`, `storage_failed`, `time_limit`,
    `too_large`, `too_many_samples`, `worker_lost`
    """
    message: str
    """names row and column"""


class DatasetUrls(Answer):
    """Where to go on."""

    self: str
    samples: str


class Dataset(Answer):
    """What there is to learn from. What is known only when the file was read is null or empty until then."""

    id: str
    object: Literal['dataset']
    status: Literal['processing', 'ready', 'failed']
    created_at: datetime | None
    """null for what is built in"""
    finished_at: datetime | None
    name: str | None
    built_in: bool
    files: list[File]
    """what was uploaded"""
    upload: str | None
    """the data set with which the files came, often itself; null where they are not kept"""
    format: str | None
    """`csv`, `npz`, `idx` or `parquet`"""
    task: Literal['classification', 'regression'] | None
    target: str | None
    """the column that is learned; null where targets are an array of their own"""
    classes: list[str]
    """the names of the classes; a sample's `y` is a place in it"""
    class_counts: list[int]
    """rows of each class, of all rows"""
    rows: Rows | None
    input_shape: list[int]
    """shape of one row"""
    missing: int
    """missing values in all rows"""
    column_count: int
    """0 for arrays and images"""
    columns: list[Column]
    """of a table, the first hundred"""
    left_out: list[LeftOut]
    """columns of the file that are not used, the first hundred"""
    config: DatasetConfig | None
    """what was said of the file; null for what is built in"""
    preview: list[list[Any]]
    """the first rows to train on; null is a missing value"""
    preview_targets: list[Any]
    notes: list[str]
    """what was guessed, and what was left out"""
    class_count: int
    """how many classes there are, also where a list leaves them out"""
    abridged: bool
    """in a list: `classes`, `class_counts`, `columns`, `left_out`, `preview`, `preview_targets` and `notes` are
    left out, for they are long; ask for the one
    """
    error: DatasetError | None
    urls: DatasetUrls


class Mistake(Answer):
    """A row of the test part that a model gets wrong."""

    index: int
    """its place in the test part: `?split=test&offset=` of the data set's samples"""
    label: int
    predicted: int
    probability: float
    """how sure the model was of what it said"""


class Evaluation(Answer):
    """What a model gets wrong on the rows that training never saw."""

    rows: int
    confusion: list[list[int]]
    """`confusion[t][p]`: rows of class t that were taken for p"""
    mistakes: list[Mistake]
    """the worst: those of which it was surest"""


class ModelUrls(Answer):
    """Where to go on."""

    self: str
    predictions: str
    export: str
    job: str | None
    """null: it was not trained here"""


class Model(Answer):
    """What a job made, or what came from outside."""

    id: str
    object: Literal['model']
    created_at: datetime
    created: int
    """seconds since 1970, for clients of the OpenAI API"""
    owned_by: Literal['neurond']
    """for clients of the OpenAI API"""
    name: str | None
    job_id: str | None
    """null: it was not trained here"""
    dataset: str | None
    """null: it was not trained here"""
    task: str
    """`classification` or `regression`"""
    classes: list[str]
    """what a prediction's numbers stand for"""
    architecture: dict[str, Any]
    metrics: dict[str, Any]
    sha256: str
    """of the file of its weights"""
    size_bytes: int
    evaluation: Evaluation | None
    """of a classifier with a test part: what it gets wrong there"""
    growth: list[int] | None
    """epochs of which `/growth` has a copy of the first layer's weights; 0: before the first"""
    class_count: int
    """how many classes there are, also where a list leaves them out"""
    abridged: bool
    """in a list: `classes`, `evaluation` and long parts of `architecture` are left out; ask for the one"""
    urls: ModelUrls


class AliasUrls(Answer):
    """Where to go on."""

    self: str
    model: str


class Alias(Answer):
    """A name, and the model that it stands for now."""

    name: str
    object: Literal['alias']
    model_id: str
    created_at: datetime
    updated_at: datetime
    urls: AliasUrls


class Event(Answer):
    """One thing that happened to a job."""

    id: str
    object: Literal['event']
    event: str
    """`queued`, `running`, `epoch`, `cancel_requested`, `succeeded`, `failed` or `cancelled`"""
    created_at: datetime
    data: dict[str, Any]
    """of an epoch: its metrics; of a failure: its code and message"""


class EventList(Answer):
    """Events of a job, oldest first."""

    object: Literal['list']
    data: list[Event]
    has_more: bool
    """whether there is a page after this one: `?after=<last id>`"""


class Note(Answer):
    """What was read otherwise than it stands there."""

    column: str
    value: Any
    """the first such value, or the farthest; null where the whole column is meant"""
    rows: int
    """in how many rows"""
    detail: str


class Prediction(Answer):
    """What a model says of each row."""

    id: str
    object: Literal['prediction']
    status: str
    model_id: str
    predictions: list[int | float | list[float]]
    """indices into the model's `classes`; of a regression its values, a list where there are several"""
    probabilities: list[list[float]] | None = None
    """a row for each input; of a classification only"""
    inputs: list[list[int | float]] | None = None
    """what the network saw, where that was asked for"""
    notes: list[Note] = []
    """what was read otherwise than it stands in the request"""
    created_at: datetime
    finished_at: datetime | None
    error: dict[str, Any] | None


class PredictionError(Answer):
    """Why there is no result."""

    code: str
    """`blob_missing`, `dataset_not_found`, `diverged`, `internal_error`, `invalid_data`, `invalid_input`,
    `invalid_spec`, `memory_limit`, `model_not_found`, `quota_exceeded`, `storage_failed`, `time_limit`,
    `too_large`, `too_many_samples`, `worker_lost`
    """
    message: str


class PredictionUrls(Answer):
    """Where to go from here."""

    self: str
    result: str | None
    """the file, of a whole data set once it is there"""


class BatchPrediction(Answer):
    """An asynchronous prediction. Once it has succeeded, one that came with rows reads as any other prediction."""

    id: str
    object: Literal['prediction']
    status: Literal['queued', 'running', 'succeeded', 'failed', 'cancelled']
    model_id: str
    dataset: str | None = None
    split: str | None = None
    format: str | None = None
    rows: int | None = None
    """how many were predicted"""
    notes: list[Note] = []
    """what was read otherwise than it stands in the data"""
    predictions: list[Any] | None = None
    created_at: datetime
    finished_at: datetime | None
    error: PredictionError | None
    urls: PredictionUrls | None = None


class Sample(Answer):
    """A row with its label."""

    index: int
    x: list[Any]
    y: Any
    """the place of its class in `classes`, or the number to predict"""


class SampleList(Answer):
    """Rows with their labels; fewer where the data set ends."""

    data: list[Sample]

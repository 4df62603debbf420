"""What is asked of a model, and its answer."""

from datetime import datetime
from typing import Annotated, Any, Final, Literal, Self

from pydantic import Field, RootModel, field_validator

from api.schemas.common import Answered, ErrorCode, Headers, Query, computed
from worker.jobspec.dataset import TextSpec
from worker.jobspec.types import Part

MAX_WAIT_SECONDS: Final = 30
MAX_ROWS: Final = 10_000
"""Of one request."""

Value = float | str | bool | None
Row = (
    Annotated[list[Value], Field(min_length=1, description="one value for each input of the model, in its order")]
    | Annotated[dict[str, Value], Field(description="of a table: values by the names of its columns; null: missing")]
)


Unknown = Literal["missing", "refuse"]
UNKNOWN_SAYS: Final = (
    "of a table: what a category is that training never saw. `missing`: a missing value, as `notes` say; `refuse`: 422"
)


class Note(Answered):
    """What was read otherwise than it stands there."""

    column: str
    value: Any = Field(description="the first such value, or the farthest; null where the whole column is meant")
    rows: int = Field(description="in how many rows")
    detail: str


class RowsInput(Part):
    """Rows in the units of the data that the model was trained on."""

    inputs: list[Row] = Field(min_length=1, max_length=MAX_ROWS)
    unknown: Unknown = Field("missing", description=UNKNOWN_SAYS)


class TableQuery(TextSpec, Query):
    """How rows in CSV are written, and how they are read."""

    unknown: Unknown = Field("missing", description=UNKNOWN_SAYS)


class ImageInput(Part):
    """One picture, for a model of images."""

    image: str = Field(description="a PNG or JPEG as a data URL, or in plain base64")
    centre: bool | None = Field(
        None,
        description="set it as MNIST's pictures are: light ink on black, fitted into 20×20, its centre of mass in the "
        "middle of 28×28. Absent: where the model takes 28×28 pixels",
    )
    return_input: bool = Field(False, description="give the picture back in `inputs`, as the network saw it")


class PredictionInput(RootModel[RowsInput | ImageInput]):
    """What a model is asked: rows, or a picture."""


class UploadedImage(Part):
    """A picture in a form."""

    file: bytes = Field(description="a PNG or JPEG file", json_schema_extra={"contentMediaType": "image/png"})
    centre: bool | None = Field(None, description="as in JSON")
    return_input: bool = Field(False, description="as in JSON")


class PredictHeaders(Headers):
    """How the answer is to come."""

    prefer: str = Field(
        "",
        alias="Prefer",
        description="`respond-async`: 202 at once, and the result later; `wait=N`: wait up to N seconds, at most 30",
    )

    @field_validator("prefer")
    @classmethod
    def _wait_in_bounds(cls, text: str) -> str:
        for name, value in _preferences(text).items():
            whole = value.isascii() and value.isdigit() and len(value) < 6
            if name == "wait" and not (whole and int(value) <= MAX_WAIT_SECONDS):
                raise ValueError(f"expected wait to be a whole number of seconds up to {MAX_WAIT_SECONDS}")
        return text

    @property
    def later(self) -> bool:
        """Whether the answer should not be waited for."""
        return "respond-async" in _preferences(self.prefer)

    @property
    def wait(self) -> int | None:
        """For how many seconds to wait; None: it does not say."""
        value = _preferences(self.prefer).get("wait")
        return None if value is None else int(value)


def _preferences(text: str) -> dict[str, str]:
    """RFC 7240: preferences by name, in lower case. Those that mean nothing here are there too, and left alone."""
    parts = (part.partition(";")[0].partition("=") for part in text.split(","))
    return {name.strip().lower(): value.strip().strip('"') for name, _, value in parts}


class DatasetInput(Part):
    """Every row of a part of a data set."""

    model: str = Field(min_length=1, description="ID of the model, or an alias")
    dataset: str = Field(min_length=1, description="ID of the data set; `mnist` is built in")
    split: Literal["train", "test", "all"] | None = Field(
        None, description="when not given: `all` of a data set that was uploaded to be predicted, `test` of another"
    )
    unknown: Unknown = Field("missing", description=UNKNOWN_SAYS)
    format: Literal["csv", "npz"] = "csv"


class PredictionError(Answered):
    """Why there is no result."""

    code: ErrorCode
    message: str


class PredictionUrls(Answered):
    """Where to go from here."""

    self: str
    result: str | None = Field(description="the file, of a whole data set once it is there")

    @classmethod
    def of(cls, prediction: dict[str, Any]) -> Self:
        """Those of a prediction, as far as it is."""
        url = f"/v1/predictions/{prediction['id']}"
        done = prediction["status"] == "succeeded" and prediction["dataset"] is not None
        return cls(self=url, result=f"{url}/result" if done else None)


class BatchPrediction(Answered):
    """An asynchronous prediction. Once it has succeeded, one that came with rows reads as any other prediction."""

    id: str
    object: Literal["prediction"] = "prediction"
    status: Literal["queued", "running", "succeeded", "failed", "cancelled"]
    model_id: str
    dataset: str | None = None
    split: str | None = None
    format: str | None = None
    rows: int | None = Field(None, description="how many were predicted")
    notes: list[Note] = Field(default_factory=list, description="what was read otherwise than it stands in the data")
    predictions: list[Any] | None = None
    created_at: datetime
    finished_at: datetime | None
    error: PredictionError | None
    urls: PredictionUrls = computed(PredictionUrls.of)


class Prediction(Answered):
    """What a model says of each row."""

    id: str
    object: Literal["prediction"]
    status: str
    model_id: str
    predictions: list[int | float | list[float]] = Field(
        description="indices into the model's `classes`; of a regression its values, a list where there are several"
    )
    probabilities: list[list[float]] | None = Field(None, description="a row for each input; of a classification only")
    inputs: list[list[int | float]] | None = Field(None, description="what the network saw, where that was asked for")
    notes: list[Note] = Field(default_factory=list, description="what was read otherwise than it stands in the request")
    created_at: datetime
    finished_at: datetime | None
    error: dict[str, Any] | None

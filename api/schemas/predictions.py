"""What is asked of a model, and its answer."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, RootModel

from api.schemas.common import Answered
from worker.spec.parts import Part

Row = Annotated[list[float], Field(min_length=1, description="one number for each input of the model")]


class RowsInput(Part):
    """Rows in the units of the data that the model was trained on."""

    inputs: list[Row] = Field(min_length=1, max_length=10_000)


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

    model_config = ConfigDict(json_schema_extra={"examples": [{"inputs": [[0.5, 1.5], [2.0, 0.1]]}]})


class UploadedImage(Part):
    """A picture in a form."""

    file: bytes = Field(description="a PNG or JPEG file", json_schema_extra={"contentMediaType": "image/png"})
    centre: bool | None = Field(None, description="as in JSON")
    return_input: bool = Field(False, description="as in JSON")


class Prediction(Answered):
    """What a model says of each row."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "pred_0a1b2c3d4e5f60718293a4b5",
                    "object": "prediction",
                    "status": "succeeded",
                    "model_id": "model_7b1e0d9c8f7a6b5c4d3e2f10",
                    "predictions": [1],
                    "probabilities": [[0.02, 0.98]],
                    "created_at": "2026-11-24T12:00:05.000000Z",
                    "finished_at": "2026-11-24T12:00:05.001000Z",
                    "error": None,
                }
            ]
        }
    )

    id: str
    object: Literal["prediction"]
    status: str
    model_id: str
    predictions: list[int | float] = Field(
        description="indices into the model's `classes`; of a regression, its values"
    )
    probabilities: list[list[float]] | None = Field(None, description="a row for each input; of a classification only")
    inputs: list[list[int | float]] | None = Field(None, description="what the network saw, where that was asked for")
    created_at: datetime
    finished_at: datetime | None
    error: dict[str, Any] | None

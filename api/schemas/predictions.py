"""What is asked of a model, and its answer."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from api.schemas.common import Answered
from worker.spec.parts import Part

Row = Annotated[list[float], Field(min_length=1, description="one number for each input of the model")]


class PredictionInput(Part):
    """Rows in the units of the data that the model was trained on."""

    inputs: list[Row] = Field(min_length=1, max_length=10_000)


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
    created_at: datetime
    finished_at: datetime | None
    error: dict[str, Any] | None

"""Calls of `/v1/predictions`: of whole files and data sets, whose results are files."""

import os
import time
from pathlib import Path
from typing import Any, Final, Literal

from neurond.answers import BatchPrediction
from neurond.calls import Calls, address, said
from neurond.errors import PredictionFailedError
from neurond.handles import FINISHED

LOOK_SECONDS: Final = 0.2


class PredictionCalls(Calls):
    """Ask a model about every row of a data set."""

    def predict_dataset(
        self,
        model_id: str,
        dataset_id: str,
        *,
        split: Literal["train", "test", "all"] | None = None,
        format: Literal["csv", "npz"] = "csv",  # noqa: A002  # as the API has it
        unknown: Literal["missing", "refuse"] | None = None,
    ) -> BatchPrediction:
        """Queue a prediction for the rows of a data set; `wait_for_prediction` gives its end."""
        body = {"model": model_id, "dataset": dataset_id, "format": format} | said({"split": split, "unknown": unknown})
        return self._prediction(self._send("POST", "/v1/predictions", json=body))

    def prediction(self, prediction_id: str) -> BatchPrediction:
        """Read an asynchronous prediction."""
        return self._prediction(self._send("GET", address("predictions", prediction_id)))

    def wait_for_prediction(self, prediction_id: str, *, timeout: float | None = None) -> BatchPrediction:
        """The prediction when it has succeeded.

        Raises:
            PredictionFailedError: it has not.
            TimeoutError: it did not end within `timeout` seconds.

        """
        deadline = None if timeout is None else time.monotonic() + timeout
        while (prediction := self.prediction(prediction_id)).status not in FINISHED:
            if deadline is not None and time.monotonic() + LOOK_SECONDS > deadline:
                raise TimeoutError(f"the prediction {prediction_id} did not end within {timeout:g} s")
            time.sleep(LOOK_SECONDS)
        if prediction.status != "succeeded":
            raise PredictionFailedError(prediction)
        return prediction

    def prediction_result(self, prediction_id: str, path: str | os.PathLike[str]) -> int:
        """Write the file of a prediction for a data set; gives how many bytes it has."""
        place = address("predictions", prediction_id, "result")
        with self._connection.stream("GET", place) as response, Path(path).open("wb") as file:
            return sum(file.write(chunk) for chunk in response.iter_bytes())

    @staticmethod
    def _prediction(response: Any) -> BatchPrediction:
        return BatchPrediction.model_validate_json(response.content)

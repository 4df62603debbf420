"""Asynchronous predictions: of a body that came over HTTP, or of a whole data set. Record and result are durable."""

import time
from dataclasses import dataclass
from typing import Any, Final

import orjson

from worker.errors import (
    DatasetNotFoundError,
    GaveUpError,
    InvalidInputError,
    JobFailedError,
    LeaseLostError,
    ModelNotFoundError,
    NotFoundError,
    TimeLimitError,
)
from worker.inference.batch import answer
from worker.inference.cache import ModelCache
from worker.ingest.process import run_child
from worker.runtime.limits import Limits
from worker.runtime.runner import Attempt, Attempts, Tools
from worker.store.builtin import IMAGE_DATASETS
from worker.store.prediction_queue import Request
from worker.store.predictions import Prediction, body_path, folder, result_path

SWEEP_SECONDS: Final = 60.0

UNLIMITED: Final = 1 << 62
"""Time of a whole data set: its rows are predicted in portions, and their number is bounded."""


@dataclass(frozen=True)
class Made:
    """How many rows were predicted, and what was read otherwise than it stood."""

    rows: int
    notes: list[dict[str, Any]]


class BatchPredictions:
    """Runs asynchronous predictions, one at a time."""

    def __init__(self, tools: Tools) -> None:
        self._store = tools.store
        self._settings = settings = tools.settings
        self._passes = tools.passes
        self._body_seconds = settings.predict_timeout_seconds
        self._most_body_bytes = settings.max_prediction_bytes
        self._models = ModelCache(tools.store, settings.model_cache_bytes)
        self._sweep_at = 0.0
        self._attempts = Attempts(
            tools.store.predictions,
            tools,
            limits=lambda: Limits(memory_bytes=settings.max_predict_memory_bytes, seconds=UNLIMITED),
        )

    def run(self) -> None:
        """Run the prediction that waits longest, if one does; its record tells how it went."""
        self._attempts.run(self._predict)

    def tidy(self) -> None:
        """Now and then, take away the bytes of predictions that have expired."""
        if time.monotonic() > self._sweep_at:
            self._sweep_at = time.monotonic() + SWEEP_SECONDS
            self._store.predictions.sweep(self._store.blobs, self._store.usage)

    def _predict(self, attempt: Attempt[Prediction]) -> None:
        claim, blobs = attempt.claim, self._store.blobs
        path = result_path(claim.record.id, claim.token, claim.record.format)
        try:
            made = self._dataset(attempt, path) if "dataset" in claim.record.asked else self._body(claim.record, path)
            if made is None:
                attempt.check_lease()
                attempt.end(lambda: self._store.predictions.release(claim))
                attempt.log.info("put back: this worker shuts down")
                return
            done = made
            self._charge(claim.record.id)
            attempt.end(lambda: self._store.predictions.finish(claim, rows=done.rows, result=path, notes=done.notes))
        except GaveUpError:
            raise  # it may be what the record names by now
        except (LeaseLostError, JobFailedError):
            blobs.delete(path)
            raise
        attempt.log.info("predicted", extra={"rows": done.rows})

    def _charge(self, prediction_id: str) -> None:
        """Charge for the result beside the body; where that is too much, the result is not kept."""
        self._store.usage.charge(prediction_id, self._store.blobs.folder_size(folder(prediction_id)))

    def _body(self, prediction: Prediction, path: str) -> Made:
        """Answer a body as the batcher would have, and keep the answer."""
        asked = prediction.asked
        body = self._store.blobs.get(body_path(prediction.id))
        deadline = time.monotonic() + self._body_seconds
        request = Request(prediction.id, "", asked["form"], asked["created_at"], asked["about"], body, deadline)
        with self._passes.one():
            answers = answer(self._models, prediction.model_id, [request], most_bytes=self._most_body_bytes)
        if not answers:
            raise TimeLimitError(
                f"it took longer than a prediction may: {self._body_seconds:g} s (NEUROND_PREDICT_TIMEOUT_SECONDS)"
            )
        [(_, reply)] = answers
        told = orjson.loads(reply.body)
        if reply.kind in {"bad_input", "bad_body"}:
            raise InvalidInputError(f"{told[0]['pointer']}: {told[0]['detail']}")
        if reply.kind == "not_found":
            raise ModelNotFoundError(told["message"])
        if reply.kind != "prediction":
            raise JobFailedError(told["message"])
        self._store.blobs.put(path, reply.body)
        return Made(len(told["predictions"]), told.get("notes", []))

    def _dataset(self, attempt: Attempt[Prediction], path: str) -> Made | None:
        """Predict the rows of a data set in a process of its own; None when it has to stop before the end."""
        prediction = attempt.claim.record
        result = run_child(
            {
                "do": "predict",
                "blob_url": self._settings.blob_url,
                "model_id": prediction.model_id,
                "dataset": self._facts(prediction.asked["dataset"]),
                "split": prediction.asked["split"],
                "unknown": prediction.asked.get("unknown", "missing"),
                "format": prediction.format,
                "path": path,
                "most_bytes": self._settings.max_upload_bytes,
            },
            self._settings,
            seconds=self._settings.ingest_seconds,
            should_stop=attempt.should_stop,
        )
        if result is not None and "error" in result:
            self._store.blobs.delete(path)
            raise JobFailedError(**result["error"])
        return None if result is None else Made(result["about"]["rows"], result["about"]["notes"])

    def _facts(self, name: str) -> dict[str, Any]:
        """What the record of a data set says of where its rows are.

        Raises:
            DatasetNotFoundError: there is none, or it is not ready.

        """
        if name in IMAGE_DATASETS:
            return {"id": name}
        try:
            dataset = self._store.datasets.get(name)
        except NotFoundError as error:
            raise DatasetNotFoundError(str(error)) from None
        if dataset.about is None:
            raise DatasetNotFoundError(f"the data set {name!r} is not ready")
        return {
            "id": name,
            "upload": dataset.upload,
            "files": [file.as_dict() for file in dataset.files],
            "spec": dataset.spec,
            "blob": dataset.about["blob"],
            "format": dataset.about["format"],
            "target": dataset.about.get("target"),
        }

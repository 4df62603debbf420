"""Asynchronous predictions: of a body that came over HTTP, or of a whole data set. Record and result are durable."""

import time
from collections.abc import Callable
from typing import Any, Final

import orjson

from worker.attempt import Attempt, Attempts
from worker.errors import JobFailedError, LeaseLostError
from worker.inference.batch import answer
from worker.inference.cache import ModelCache
from worker.inference.tables import predictions_of
from worker.limits import Limits
from worker.logs import Tail
from worker.samples import Datasets
from worker.settings import Settings
from worker.store import Store
from worker.store.exchange import Request
from worker.store.predictions import Prediction, body_path, result_path

SWEEP_SECONDS: Final = 60.0

UNLIMITED: Final = 1 << 62
"""Memory and time of this process: rows are predicted in portions, and their number is bounded."""


class LaterPredictions:
    """Runs asynchronous predictions, one at a time."""

    def __init__(
        self, store: Store, settings: Settings, *, owner: str, stopping: Callable[[], bool], tail: Tail
    ) -> None:
        """`stopping` tells whether this worker shuts down: a prediction in hand then goes back to the queue."""
        self._store = store
        self._most_body_bytes = settings.max_prediction_bytes
        self._models = ModelCache(store, settings.model_cache_bytes)
        self._datasets = Datasets(store)
        self._sweep_at = 0.0
        self._attempts = Attempts(
            store.predictions,
            owner=owner,
            lease_seconds=settings.lease_seconds,
            limits=lambda: Limits(memory_bytes=UNLIMITED, seconds=UNLIMITED),
            stopping=stopping,
            tail=tail,
        )

    def run(self, prediction_id: str) -> None:
        """Predict, if the record is there to be claimed; it tells how it went."""
        self._attempts.run(prediction_id, self._predict)

    def tidy(self) -> None:
        """Now and then, take away the bytes of predictions that have expired."""
        if time.monotonic() > self._sweep_at:
            self._sweep_at = time.monotonic() + SWEEP_SECONDS
            self._store.predictions.sweep(self._store.blobs)

    def _predict(self, attempt: Attempt[Prediction]) -> None:
        claim, blobs = attempt.claim, self._store.blobs
        path = result_path(claim.job.id, claim.token, claim.job.format)
        try:
            made = self._dataset(attempt, path) if "dataset" in claim.job.asked else self._body(claim.job, path)
            if made is None:
                attempt.check_lease()
                attempt.write(lambda: self._store.predictions.release(claim))
                attempt.log.info("put back: this worker shuts down")
                return
            rows = made
            attempt.write(lambda: self._store.predictions.finish(claim, rows=rows, result=path))
        except LeaseLostError:
            blobs.delete(path)
            raise
        attempt.log.info("predicted", extra={"rows": rows})

    def _body(self, prediction: Prediction, path: str) -> int:
        """Answer a body as the drainer would have, and keep the answer."""
        asked = prediction.asked
        body = self._store.blobs.get(body_path(prediction.id))
        request = Request(prediction.id, "", asked["form"], asked["created_at"], asked["about"], body)
        [(_, reply)] = answer(self._models, prediction.model_id, [request], most_bytes=self._most_body_bytes)
        told = orjson.loads(reply.body)
        if reply.kind == "bad_input":
            raise JobFailedError("invalid_input", f"{told[0]['pointer']}: {told[0]['detail']}")
        if reply.kind == "not_found":
            raise JobFailedError("model_not_found", told["message"])
        if reply.kind != "prediction":
            raise JobFailedError("internal_error", told["message"])
        self._store.blobs.put(path, reply.body)
        return len(told["predictions"])

    def _dataset(self, attempt: Attempt[Prediction], path: str) -> int | None:
        """Predict every row of a part of a data set; None when it has to stop before the end."""
        prediction = attempt.claim.job
        asked: dict[str, Any] = prediction.asked
        dataset = self._datasets.load(asked["dataset"])
        model = self._models.get(prediction.model_id)
        pieces = predictions_of(model, dataset, asked["split"], prediction.format, attempt.should_stop)
        if pieces is None:
            return None
        self._store.blobs.put_pieces(path, pieces)
        return len(dataset.part(asked["split"])[0])

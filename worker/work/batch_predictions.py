"""Predictions that nobody waits for: of a body, or of a whole data set."""

from typing import Final

from worker.work.kind import FILES, Kind

KIND: Final = Kind(
    "prediction",
    "predictions",
    "pred",
    queue=FILES,
    runner="worker.inference.batch_predictions:BatchPredictions",
    title="asynchronous predictions",
)

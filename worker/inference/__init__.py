"""Predictions in the worker: what waits for a model is read, run in one forward pass, and answered."""

from worker.inference.batch_predictions import BatchPredictions
from worker.inference.batcher import Inference

__all__ = ["BatchPredictions", "Inference"]

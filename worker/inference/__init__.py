"""Predictions in the worker: what waits for a model is read, run in one forward pass, and answered."""

from worker.inference.drain import Inference
from worker.inference.later import LaterPredictions

__all__ = ["Inference", "LaterPredictions"]

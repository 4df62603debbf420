"""Predictions in the worker: what waits for a model is read, run in one forward pass, and answered."""

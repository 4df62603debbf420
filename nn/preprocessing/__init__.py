"""Preprocessing that belongs to the model: it is saved with it, and applied at prediction as it was in training."""

from nn.preprocessing.scaling import SCALINGS, Scaling

__all__ = ["SCALINGS", "Scaling"]

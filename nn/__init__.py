"""The mathematics: layers, losses, optimizers, training, data and formats, with NumPy alone.

A learner may read it in the order of a training: `activations`, `layers`, `network`, `losses`, `optimizers`,
`training`; docs/backpropagation.md derives the formulas in the same order. `kernels` has the same classes
made fast.
"""

from nn.activations import ACTIVATIONS
from nn.data import Dataset, split
from nn.datasets import DATASETS
from nn.errors import DataError, DivergenceError, FormatError, NNError, SpecError
from nn.formats import FORMATS
from nn.initializers import INITIALIZERS
from nn.layers import LAYERS
from nn.losses import LOSSES
from nn.metrics import METRICS
from nn.model import Model
from nn.network import Network
from nn.optimizers import OPTIMIZERS
from nn.schedules import SCHEDULES
from nn.training import EpochReport, History, StepReport, Teacher, TrainingOptions, TrainingState, fit

__all__ = [
    "ACTIVATIONS",
    "DATASETS",
    "FORMATS",
    "INITIALIZERS",
    "LAYERS",
    "LOSSES",
    "METRICS",
    "OPTIMIZERS",
    "SCHEDULES",
    "DataError",
    "Dataset",
    "DivergenceError",
    "EpochReport",
    "FormatError",
    "History",
    "Model",
    "NNError",
    "Network",
    "SpecError",
    "StepReport",
    "Teacher",
    "TrainingOptions",
    "TrainingState",
    "fit",
    "split",
]

"""Training: the loop, what it reports, and how it stops and goes on."""

from nn.training.distillation import Teacher
from nn.training.fit import fit
from nn.training.options import TrainingOptions
from nn.training.report import EpochReport, History, StepReport
from nn.training.state import TrainingState

__all__ = ["EpochReport", "History", "StepReport", "Teacher", "TrainingOptions", "TrainingState", "fit"]

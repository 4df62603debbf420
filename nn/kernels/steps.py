"""Which of the fast ways a training takes its steps."""

from nn.dispatch import kernel_of
from nn.kernels.blocked_sgd import BlockedSGD
from nn.kernels.fused_momentum import FusedMomentumSteps
from nn.training.steps import BatchSteps, Stepper


def fastest(steps: BatchSteps) -> Stepper:
    """The same steps: one image at a time in blocks, with the momentum in the gradients, or as they are."""
    if BlockedSGD.fits(steps):
        return BlockedSGD(steps)
    if FusedMomentumSteps.fits(steps):
        return FusedMomentumSteps(steps)
    steps.optimizer = kernel_of(steps.optimizer)
    return steps

"""The one place that chooses between the textbook and its kernels (`nn.kernels`), where there are any.

What a class computes is said by `nn.layers`, `nn.losses` and `nn.optimizers`. A kernel computes the same faster. Where
one has no kernel, or the folder is not there, the textbook's class is used as it is.
"""

from importlib.util import find_spec
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from nn.training.steps import BatchSteps, Stepper

T = TypeVar("T")

AVAILABLE: Final = find_spec("nn.kernels") is not None


def kernel_of(textbook: T, *, wanted: bool = True) -> T:
    """The kernel with the same choices as a layer, loss or optimizer that has not begun.

    The textbook's own object where there is no kernel, or none is `wanted`.
    """
    if not (AVAILABLE and wanted):
        return textbook
    from nn.kernels import KERNELS

    kernel = KERNELS.get(type(textbook))
    return textbook if kernel is None else kernel(textbook)


def kernel_steps(steps: "BatchSteps") -> "Stepper":
    """The fastest way to take the same steps; the textbook's own where the network computes without kernels."""
    if not steps.network.kernels:
        return steps
    from nn.kernels.steps import fastest

    return fastest(steps)

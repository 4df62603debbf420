"""What a metric is: a number for people, where a loss is a number for the gradient."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from nn.arrays import AnyArray


@dataclass(frozen=True)
class Metric:
    """A function of the truth and of what a model says, for models of one task.

    `headline`: its place where there is room for few; jobs are sorted by those that have one. `format`: how it is
    written, as a share of 100 %, as an error in the targets' unit, or as a number. `fewest_classes`: with fewer
    classes it says nothing.
    """

    name: str
    f: Callable[[AnyArray, AnyArray], float]
    task: Literal["classification", "regression"]
    title: str
    better: Literal["higher", "lower"] = "higher"
    format: Literal["percent", "number", "error"] = "number"
    headline: int | None = None
    fewest_classes: int = 0

    def __call__(self, y: AnyArray, said: AnyArray) -> float:
        """The metric of rows with the targets y, of which the model says `said`."""
        return self.f(y, said)

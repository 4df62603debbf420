"""How weights begin: each initializer draws an array whose variance follows from the layer's fans.

fan_in and fan_out are the numbers of inputs that meet in one output, and of outputs that one input reaches. The aim of
He, Glorot and LeCun is the same: activations and gradients keep their variance from layer to layer. A new initializer
is one row of `INITIALIZERS`.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nn.arrays import Shape


@dataclass(frozen=True)
class Initializer:
    """A distribution of mean 0 whose variance is a function of (fan_in, fan_out)."""

    variance: Callable[[int, int], float]
    uniform: bool = False

    def __call__(self, shape: Shape, fan_in: int, fan_out: int, rng: np.random.Generator) -> npt.NDArray[np.float64]:
        """Draw weights of `shape`: N(0, v), or U(−a, a) with a = √(3 v), whose variance a²/3 is v too."""
        v = self.variance(fan_in, fan_out)
        if self.uniform:
            a = math.sqrt(3 * v)
            return rng.uniform(-a, a, shape)
        return rng.standard_normal(shape) * math.sqrt(v)


INITIALIZERS: dict[str, Initializer] = {
    "article": Initializer(
        lambda _, fan_out: 1 / fan_out
    ),  # Hansen, "Neural Network From Scratch with NumPy and MNIST"
    "glorot_normal": Initializer(lambda fan_in, fan_out: 2 / (fan_in + fan_out)),  # Glorot & Bengio 2010, eq. 12
    "glorot_uniform": Initializer(lambda fan_in, fan_out: 2 / (fan_in + fan_out), uniform=True),  # eq. 16
    "he_normal": Initializer(lambda fan_in, _: 2 / fan_in),  # He et al. 2015, eq. 10
    "he_uniform": Initializer(lambda fan_in, _: 2 / fan_in, uniform=True),
    "lecun_normal": Initializer(lambda fan_in, _: 1 / fan_in),  # LeCun et al. 1998, "Efficient BackProp", eq. 16
    "lecun_uniform": Initializer(lambda fan_in, _: 1 / fan_in, uniform=True),
    "zeros": Initializer(lambda _, __: 0.0),
}

"""Gradient descent as sums of vectors by BLAS."""

from nn.arrays import Array, aligned
from nn.kernels.adaptive import OptimizerKernel
from nn.kernels.blas import add_on_all_threads, add_scaled
from nn.kernels.registry import kernel_for
from nn.optimizers import SGD


@kernel_for(SGD)
class SGDKernel(OptimizerKernel, SGD):
    """Plain in one sum; with a velocity in chunks. `nn.kernels.fused_momentum` has the velocity in the gradients."""

    def start(self, parameters: Array, gradients: Array) -> None:
        super().start(parameters, gradients)
        self.theta, self.g = parameters, gradients
        self.scratch = None if self.moments else aligned(parameters.shape, parameters.dtype)

    def step(self, learning_rate: float) -> None:
        if self.scratch is None:
            super().step(learning_rate)
            return
        self.steps += 1
        add_on_all_threads(-learning_rate, self.g, self.theta, self.scratch)

    def update_chunk(self, eta: float, s: Array, theta: Array, g: Array, *moments: Array) -> None:
        (v,) = moments
        add_scaled(1.0, g, v, s, keep=self.momentum)
        if self.nesterov:
            add_scaled(-eta, g, theta, s)
            add_scaled(-eta * self.momentum, v, theta, s)
        else:
            add_scaled(-eta, v, theta, s)

"""Distillation's loss in buffers."""

import numpy as np

from nn.arrays import AnyArray, Array
from nn.kernels.registry import Kernel, kernel_for
from nn.losses.distillation import Distillation


@kernel_for(Distillation)
class DistillationKernel(Kernel, Distillation):
    """It takes whole batches alone, for a teacher is asked about whole batches."""

    def __call__(self, Z: Array, targets: AnyArray) -> tuple[float, Array]:
        T, Q, n = self.teacher.temperature, self.teacher.answers, len(Z)
        self.right = int(np.count_nonzero(Z.argmax(axis=1) == targets))
        dZ, log_p, P = (self.buffers.get(name, Z.shape, Z.dtype) for name in ("dZ", "log_p", "P"))
        np.multiply(Z, 1 / T, out=log_p)
        log_p -= log_p.max(axis=1, keepdims=True)
        np.exp(log_p, out=P)
        total = P.sum(axis=1, keepdims=True)
        P /= total
        log_p -= np.log(total)
        np.subtract(P, Q, out=dZ)
        np.multiply(dZ, T / n, out=dZ)
        log_q = np.log(np.maximum(Q, np.finfo(Q.dtype).tiny))
        return float(np.vdot(Q, log_q - log_p)) * T**2 / n, dZ

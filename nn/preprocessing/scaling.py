"""Scaling: every feature onto the same footing, so that one learning rate suits all weights.

Both kinds are one formula, x′ = (x − shift) · factor, with numbers that were measured on the training rows. It is
applied to each batch as it is gathered: the data stays as small as it came, one byte a pixel for images.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from nn import checks
from nn.arrays import AnyArray, Array
from nn.errors import FormatError

LARGEST = float(np.finfo(np.float64).max)


class Scaling:
    """x′ = (x − shift) · factor; shift and factor: () for all features alike, or (features,)."""

    def __init__(self, kind: str, shift: AnyArray, factor: AnyArray) -> None:
        self.kind = kind
        self.shift = np.asarray(shift, np.float64)
        self.factor = np.asarray(factor, np.float64)
        self.shifts = bool(self.shift.any())
        self.factor_in: Array | None = None
        self.overflows = False

    def __call__(self, x: AnyArray, out: Array) -> Array:
        """Scale rows x: (batch, features) into `out`: (batch, features), in the dtype of `out`."""
        if self.factor_in is None or self.factor_in.dtype != out.dtype:
            with np.errstate(over="ignore"):
                self.factor_in = self.factor.astype(out.dtype)
            self.overflows = not np.isfinite(self.factor_in).all()
        if self.overflows:  # numbers so small that their factor is too large for a float32
            np.copyto(out, (x - self.shift) * self.factor, casting="same_kind")
            return out
        if self.shifts:  # in float64, for numbers that are large beside their spread, such as dates in seconds
            np.subtract(x, self.shift, out=out, casting="same_kind")
        else:
            np.copyto(out, x, casting="same_kind")
        return np.multiply(out, self.factor_in, out=out)

    def config(self) -> dict[str, Any]:
        """JSON-able; `Scaling.from_config` takes it."""
        return {"kind": self.kind, "shift": self.shift.tolist(), "factor": self.factor.tolist()}

    @classmethod
    def from_config(cls, config: Mapping[str, Any], features: int) -> "Scaling":
        """Rebuild from `config()`; FormatError unless both are one number, or one number a feature."""
        try:
            kind, shift, factor = (config[key] for key in ("kind", "shift", "factor"))
            scaling = cls(str(kind), shift, factor)
        except (KeyError, TypeError, ValueError) as error:
            raise FormatError(f"preprocessing: expected kind, shift and factor, got {error!r}") from None
        for name, numbers in (("shift", scaling.shift), ("factor", scaling.factor)):
            if numbers.shape not in ((), (features,)) or not np.isfinite(numbers).all():
                raise FormatError(
                    f"preprocessing: expected {name} to be 1 or {features} finite numbers, got {numbers.shape}"
                )
        return scaling


def none(_: AnyArray) -> Scaling:
    """Numbers as they are."""
    return Scaling("none", np.array(0.0), np.array(1.0))


def scale(x: AnyArray) -> Scaling:
    """To [0, 1]: bytes by 1/255, other numbers by the least and greatest of their feature in the rows x."""
    if x.dtype == np.uint8:
        return Scaling("scale", np.array(0.0), np.array(1 / 255))
    low, high = x.min(axis=0).astype(np.float64), x.max(axis=0).astype(np.float64)
    return Scaling("scale", low, inverse(high - low))


def standardize(x: AnyArray) -> Scaling:
    """To mean 0 and variance 1, each feature by its own mean and standard deviation over the rows x."""
    changes = x.max(axis=0) > x.min(axis=0)  # by rounding the deviation of a hundred times 0.1 is 1e-17
    spread = np.where(changes, x.std(axis=0, dtype=np.float64), 0.0)
    return Scaling("standardize", x.mean(axis=0, dtype=np.float64), inverse(spread))


def inverse(spread: AnyArray) -> AnyArray:
    """The factor 1 / spread, and 1 for a feature that never changes, or by less than a float64's inverse can tell."""
    return 1 / np.where(spread > 1 / LARGEST, spread, 1.0)


SCALINGS = {"none": none, "scale": scale, "standardize": standardize}


def fit_scaling(kind: str, x: AnyArray) -> Scaling:
    """The scaling called `kind`, measured on the training rows x: (n, features); SpecError for an unknown name."""
    return checks.lookup(SCALINGS, kind, "preprocessing")(x)

"""Products and sums that are added onto what is there: what BLAS can do, and NumPy does not show.

BLAS is the library in which NumPy's matrix products are computed. Its product is C ← α A B + β C, of which `np.matmul`
offers α = 1 and β = 0. With β = 1 a gradient is added onto a sum in the very product that works it out, and momentum
needs no vector of its own (docs/backpropagation.md, section 6). Another β would cost a pass over C. BLAS's sum of
vectors, y ← α x + β y, is one pass over them where NumPy takes two, on as many threads as the products.

The functions come from the library that NumPy has loaded: another copy, such as SciPy's, would bring threads of its
own, and the two would wait for each other. Where they are not found, NumPy computes the same in more passes.
"""

import ctypes
from importlib import import_module
from typing import Any, Final, NamedTuple

import numpy as np

from nn.arrays import Array

ROW_MAJOR, AS_IS, TRANSPOSED = 101, 111, 112
FLOATS: Final = {"f": ctypes.c_float, "d": ctypes.c_double}
NAME: Final = "scipy_cblas_{}64_"
"""What BLAS's functions are called in the OpenBLAS that comes with NumPy's own packages; its integers have 64 bits."""


class AddedProduct:
    """out ← out + factor · Aᵀ B, or for 0 out ← Aᵀ B; A: (n, i), B: (n, j), out: (i, j), or A: (n,), out: (j,).

    A call costs as much as the smallest products, so its arguments are kept for the next one with the same arrays.
    """

    def __init__(self, out: Array) -> None:
        self.out = out
        self.last: tuple[Array | None, Array | None] = (None, None)
        self.factor: Any = None
        self.arguments: list[Any] | None = None

    def __call__(self, A: Array, B: Array, factor: float) -> None:
        if not factor:
            np.matmul(A.T, B, out=self.out)
            return
        last_A, last_B = self.last
        if A is not last_A or B is not last_B:
            self.last, self.arguments = (A, B), self._arguments(A, B)
        if self.arguments:
            self.factor.value = factor
            FUNCTIONS[self.out.dtype.char].gemm(*self.arguments)
        else:
            product = np.matmul(A.T, B)
            np.multiply(product, factor, out=product)
            np.add(self.out, product, out=self.out)

    def _arguments(self, A: Array, B: Array) -> list[Any] | None:
        """What BLAS's product takes; None where it cannot be asked."""
        arrays, dtype = (A, B, self.out), self.out.dtype
        if dtype.char not in FUNCTIONS or not all(a.dtype == dtype and a.flags.c_contiguous for a in arrays):
            return None
        number, (n, j) = FLOATS[dtype.char], B.shape
        self.factor, one = number(), number(1)
        i = self.out.size // j
        rows, columns, terms = (ctypes.c_int64(size) for size in (i, j, n))
        at_A, at_B, at_out = (ctypes.c_void_p(array.ctypes.data) for array in arrays)
        return [ROW_MAJOR, TRANSPOSED, AS_IS, rows, columns, terms, self.factor, at_A, rows, at_B, columns,
                one, at_out, columns]  # fmt: skip


def add_scaled(factor: float, x: Array, out: Array, scratch: Array, keep: float = 1.0) -> None:
    """out ← factor · x + keep · out, for vectors; `scratch`, of their length, may be written over."""
    functions = FUNCTIONS.get(out.dtype.char)
    if not functions:
        np.multiply(x, factor, out=scratch)
        np.multiply(out, keep, out=out)
        np.add(out, scratch, out=out)
    elif keep == 1:
        functions.axpy(x.size, factor, _at(x), 1, _at(out), 1)
    else:
        functions.axpby(x.size, factor, _at(x), 1, keep, _at(out), 1)


def _at(array: Array) -> Any:
    """Where an array begins in memory; for one that may be written to, three times as fast as NumPy's own answer."""
    return ctypes.byref(ctypes.c_char.from_buffer(array.data)) if array.flags.writeable else array.ctypes.data


class Functions(NamedTuple):
    """BLAS's functions for one type of number."""

    gemm: Any
    axpy: Any
    axpby: Any


def _find() -> dict[str, Functions]:
    """BLAS's functions by the character of the dtype; none where they are not found."""
    try:
        # A library's symbols are found through whatever is linked to it, and this module is.
        library = ctypes.CDLL(import_module("numpy._core._multiarray_umath").__file__)
        return {char: _functions(library, char) for char in FLOATS}
    except (ImportError, OSError, AttributeError):
        return {}


def _functions(library: ctypes.CDLL, char: str) -> Functions:
    letter, number = {"f": "s", "d": "d"}[char], FLOATS[char]
    size, vector = ctypes.c_int64, [ctypes.c_void_p, ctypes.c_int64]
    gemm, axpy, axpby = (getattr(library, NAME.format(letter + what)) for what in ("gemm", "axpy", "axpby"))
    axpy.argtypes = [size, number, *vector, *vector]
    axpby.argtypes = [size, number, *vector, number, *vector]
    for function in (gemm, axpy, axpby):
        function.restype = None
    return Functions(gemm, axpy, axpby)


FUNCTIONS: Final = _find()

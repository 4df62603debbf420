"""Products and sums as BLAS has them, the library in which NumPy's own products are computed.

BLAS's product is C ← α A B + β C, of which `np.matmul` offers α = 1 and β = 0. With β = 1 a gradient is added onto a
sum in the very product that works it out, and momentum needs no vector of its own (docs/backpropagation.md,
section 6). Another β would cost a pass over C. Of several products that are asked for at once, each is computed on a
thread of its own (`nn.halves`). BLAS's sum of vectors, y ← α x + β y, is one pass over them where NumPy takes two; all
threads can share it where β = 1.

The functions come from the library that NumPy has loaded: another copy, such as SciPy's, would bring threads of its
own, and the two would wait for each other. Where they are not found, NumPy computes the same in more passes.
"""

import ctypes
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from nn.arrays import Array

ROW_MAJOR, AS_IS, TRANSPOSED = 101, 111, 112
FLOATS: Final = {"f": ctypes.c_float, "d": ctypes.c_double}
NAME: Final = "scipy_{}64_"
"""What BLAS's functions are called in the OpenBLAS that comes with NumPy's own packages; its integers have 64 bits."""
SMALL: Final = 100**3
"""Multiplications up to which OpenBLAS takes another way for one of several products: a crash, before its pull request
5980 (August 2026)."""

Compute: TypeAlias = Callable[[float], None]


class Product(NamedTuple):
    """out ← A B, or where `added` out ← out + factor · A B; A: (n, t), B: (t, m), out: (n, m)."""

    A: Array
    B: Array
    out: Array
    added: bool = False


def prepare(*products: Product, at_once: bool = True) -> Compute:
    """A function that computes the products; it takes the factor of those that are added.

    One product is computed on all threads. Of several, unless they are small, each is computed on its own thread, the
    first on the one that asks; not `at_once`: on all threads, one after the other. What BLAS has to be told is made
    ready here: to do so takes as long as the smallest products.
    """
    functions = FUNCTIONS.get(products[0].out.dtype.char)
    told = [facts for product in products if (facts := _told(product))]
    if functions is None or len(told) < len(products):
        return _OneByOne([_ByNumpy(product) for product in products])
    large = functions.gemm_batch and all(p.A.size * p.B.shape[1] > SMALL for p in products)
    if len(products) > 1 and not (at_once and large):
        return _OneByOne([_ByBlas(functions.gemm, [p], [facts]) for p, facts in zip(products, told, strict=True)])
    return _ByBlas(functions.gemm if len(products) == 1 else functions.gemm_batch, products, told)


class Kept:
    """What `prepare` made for some arrays, kept for the next time that the same come, on as many threads."""

    def __init__(self, make: Callable[..., Compute]) -> None:
        self.make = make
        self.last: tuple[Any, ...] = (None, None, None, False, 0)
        self.made: Compute | None = None

    def __call__(self, A: Array, B: Array, C: Array | None = None, added: bool = False) -> Compute:
        last_A, last_B, last_C, last_added, last_threads = self.last
        if (A is last_A and B is last_B and C is last_C and added is last_added and last_threads == threads()
                and self.made is not None):  # fmt: skip
            return self.made
        self.last, self.made = (A, B, C, added, threads()), self.make(A, B, C, added)
        return self.made


class AddedProduct:
    """out ← out + factor · Aᵀ B, or for 0 out ← Aᵀ B; A: (n, i), B: (n, j), out: (i, j), or A: (n,), out: (j,)."""

    def __init__(self, out: Array) -> None:
        self.out = out.reshape(-1, out.shape[-1])
        self.product = Kept(self._product)

    def __call__(self, A: Array, B: Array, factor: float) -> None:
        self.product(A, B, None, bool(factor))(factor)

    def _product(self, A: Array, B: Array, _: None, added: bool) -> Compute:
        return prepare(Product(A.reshape(len(A), -1).T, B, self.out, added))


class _ByBlas:
    """Asks BLAS for one product, or for several at once; keeps the arrays whose places it has noted."""

    def __init__(self, function: Any, products: Sequence[Product], told: Sequence[tuple[Any, ...]]) -> None:
        self.function, self.products = function, products
        self.added = [k for k, product in enumerate(products) if product.added]
        number, count = FLOATS[products[0].out.dtype.char], len(products)
        turn, size, place = ctypes.c_int, ctypes.c_int64, ctypes.c_void_p
        kinds: list[Any] = [turn, turn, size, size, size, number, place, size, place, size, number, place, size]
        if count == 1:
            arguments = [kind(value) for kind, value in zip(kinds, told[0], strict=True)]
        else:
            arguments = [(kind * count)(*values) for kind, values in zip(kinds, zip(*told, strict=True), strict=True)]
            arguments += [size(count), (size * count)(*[1] * count)]
        self.alpha, self.arguments = arguments[5], [ROW_MAJOR, *arguments]

    def __call__(self, factor: float) -> None:
        if len(self.products) > 1:
            for k in self.added:
                self.alpha[k] = factor
        elif self.added:
            self.alpha.value = factor
        self.function(*self.arguments)


class _ByNumpy:
    """One product in NumPy's own operations."""

    def __init__(self, product: Product) -> None:
        self.product = product
        self.result: Array = np.empty_like(product.out) if product.added else product.out

    def __call__(self, factor: float) -> None:
        A, B, out, added = self.product
        np.matmul(A, B, out=self.result)
        if added and factor != 1:
            np.multiply(self.result, factor, out=self.result)
        if added:
            np.add(out, self.result, out=out)


class _OneByOne:
    """One after the other."""

    def __init__(self, computations: list[Compute]) -> None:
        self.computations = computations

    def __call__(self, factor: float) -> None:
        for compute in self.computations:
            compute(factor)


def _told(product: Product) -> tuple[Any, ...] | None:
    """What BLAS is told of a product C ← α A B + β C, or None; α is 1 until a factor comes."""
    A, B, out, added = product
    places = [place for array in (A, B, out) if (place := _place(array, out.dtype))]
    if len(places) < 3 or places[2][0] != AS_IS:
        return None
    (turn_A, *at_A), (turn_B, *at_B), (_, *at_out) = places
    return (turn_A, turn_B, len(A), B.shape[1], len(B), 1.0, *at_A, *at_B, float(added), *at_out)


def _place(matrix: Array, dtype: npt.DTypeLike) -> tuple[int, int, int] | None:
    """Where a matrix is: whether its rows lie in memory or its columns, where, and how many numbers they are apart.

    None for one that BLAS cannot take.
    """
    for turn, rows in ((AS_IS, matrix), (TRANSPOSED, matrix.T)):
        (n, m), (down, along) = rows.shape, rows.strides
        apart = down // rows.itemsize if n > 1 else m
        if rows.dtype == dtype and (along == rows.itemsize or m == 1) and apart >= m > 0:
            return turn, rows.ctypes.data, apart
    return None


def threads() -> int:
    """How many threads products are computed on; 0 where it is not known."""
    functions = FUNCTIONS.get("f")
    return int(functions.threads()) if functions else 0


def several_at_once() -> bool:
    """Whether BLAS can be asked for several products at once."""
    functions = FUNCTIONS.get("f")
    return bool(functions and functions.gemm_batch)


def add_scaled(factor: float, x: Array, out: Array, scratch: Array, keep: float = 1.0) -> None:
    """out ← factor · x + keep · out, for vectors, on this thread; `scratch`, of their length, may be written over."""
    functions = FUNCTIONS.get(out.dtype.char)
    if functions:
        functions.axpby(x.size, factor, _at(x), 1, keep, _at(out), 1)
        return
    np.multiply(x, factor, out=scratch)
    if keep != 1:
        np.multiply(out, keep, out=out)
    np.add(out, scratch, out=out)


def add_on_all_threads(factor: float, x: Array, out: Array, scratch: Array) -> None:
    """out ← factor · x + out, for vectors, on as many threads as the products; `scratch` as in `add_scaled`."""
    functions = FUNCTIONS.get(out.dtype.char)
    if functions:
        functions.axpy(x.size, factor, _at(x), 1, _at(out), 1)
    else:
        add_scaled(factor, x, out, scratch)


def _at(array: Array) -> Any:
    """Where an array begins in memory; for one that may be written to, three times as fast as NumPy's own answer."""
    return ctypes.byref(ctypes.c_char.from_buffer(array.data)) if array.flags.writeable else array.ctypes.data


class Functions(NamedTuple):
    """BLAS's functions for one type of number."""

    gemm: Any
    gemm_batch: Any
    """None in older versions."""
    axpy: Any
    axpby: Any
    threads: Any


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
    gemm, axpy, axpby = (getattr(library, NAME.format(f"cblas_{letter}{what}")) for what in ("gemm", "axpy", "axpby"))
    gemm_batch = getattr(library, NAME.format(f"cblas_{letter}gemm_batch"), None)
    axpy.argtypes = [size, number, *vector, *vector]
    axpby.argtypes = [size, number, *vector, number, *vector]
    for function in (gemm, axpy, axpby, gemm_batch):
        if function is not None:
            function.restype = None
    return Functions(gemm, gemm_batch, axpy, axpby, getattr(library, NAME.format("openblas_get_num_threads")))


FUNCTIONS: Final = _find()

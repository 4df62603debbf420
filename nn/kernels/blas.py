"""Products and sums as BLAS has them, the library in which NumPy's own products are computed.

BLAS's product is C ← α A B + β C, of which `np.matmul` offers α = 1 and β = 0. With β = 1 a gradient is accumulated in
the very product that works it out, and momentum needs no vector of its own (`nn.kernels.fused_momentum`). Another β
would cost a pass over C. Of several products in one call, each is computed on a thread of its own
(`nn.kernels.split_matmul`). BLAS's sum of vectors, y ← α x + β y, is one pass over them where NumPy takes two; all
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
"""Multiplications up to which OpenBLAS computes one of several products in another way, which crashed before its pull
request 5980 (August 2026)."""

SHARED: Final = 256
"""Two threads get whole vector registers each where a vector's length is a multiple of this: of what is left over, some
processors round the sums differently, and another number of threads would leave over other numbers."""

Compute: TypeAlias = Callable[[float], None]


class Product(NamedTuple):
    """out ← A B, or to `accumulate`, out ← out + scale · A B; A: (n, t), B: (t, m), out: (n, m)."""

    A: Array
    B: Array
    out: Array
    accumulate: bool = False


def prepare(*products: Product, at_once: bool = True) -> Compute:
    """A function that computes the products; it takes the scale of those that are accumulated.

    One product is computed on all threads. Of several, unless they are small, each is computed on its own thread, the
    first on the calling one; not `at_once`: on all threads, one after the other. BLAS's arguments are made ready here:
    to do so takes as long as the smallest products.
    """
    functions = FUNCTIONS.get(products[0].out.dtype.char)
    gemm_args = [args for product in products if (args := _gemm_args(product))]
    if functions is None or len(gemm_args) < len(products):
        return _OneByOne([_ByNumpy(product) for product in products])
    large = functions.gemm_batch and all(p.A.size * p.B.shape[1] > SMALL for p in products)
    if len(products) > 1 and not (at_once and large):
        return _OneByOne([_ByBlas(functions.gemm, [p], [args]) for p, args in zip(products, gemm_args, strict=True)])
    return _ByBlas(functions.gemm if len(products) == 1 else functions.gemm_batch, products, gemm_args)


class CallCache:
    """Keeps what `prepare` made, and uses it again while the same arrays come and the number of threads is the same."""

    def __init__(self, make: Callable[..., Compute]) -> None:
        self.make = make
        self.key: tuple[Any, ...] = (None, None, None, False, 0)
        self.value: Compute | None = None

    def __call__(self, A: Array, B: Array, C: Array | None = None, accumulate: bool = False) -> Compute:
        key_A, key_B, key_C, key_accumulate, key_threads = self.key
        same = A is key_A and B is key_B and C is key_C and accumulate is key_accumulate
        if same and key_threads == threads() and self.value is not None:
            return self.value
        self.key, self.value = (A, B, C, accumulate, threads()), self.make(A, B, C, accumulate)
        return self.value


class AccumulatedProduct:
    """out ← out + scale · Aᵀ B, or for 0 out ← Aᵀ B; A: (n, i), B: (n, j), out: (i, j), or A: (n,), out: (j,)."""

    def __init__(self, out: Array) -> None:
        self.out = out.reshape(-1, out.shape[-1])
        self.product = CallCache(self._product)

    def __call__(self, A: Array, B: Array, scale: float) -> None:
        self.product(A, B, None, bool(scale))(scale)

    def _product(self, A: Array, B: Array, _: None, accumulate: bool) -> Compute:
        return prepare(Product(A.reshape(len(A), -1).T, B, self.out, accumulate))


class _ByBlas:
    """Calls BLAS for one product, or for several at once; keeps the arrays whose addresses are in the arguments."""

    def __init__(self, function: Any, products: Sequence[Product], gemm_args: Sequence[tuple[Any, ...]]) -> None:
        self.function, self.products = function, products
        self.accumulated = [k for k, product in enumerate(products) if product.accumulate]
        number, count = FLOATS[products[0].out.dtype.char], len(products)
        flag, size, address = ctypes.c_int, ctypes.c_int64, ctypes.c_void_p
        kinds: list[Any] = [flag, flag, size, size, size, number, address, size, address, size, number, address, size]
        if count == 1:
            arguments = [kind(value) for kind, value in zip(kinds, gemm_args[0], strict=True)]
        else:
            columns = zip(*gemm_args, strict=True)
            arguments = [(kind * count)(*values) for kind, values in zip(kinds, columns, strict=True)]
            arguments += [size(count), (size * count)(*[1] * count)]
        self.alpha, self.arguments = arguments[5], [ROW_MAJOR, *arguments]

    def __call__(self, scale: float) -> None:
        if len(self.products) > 1:
            for k in self.accumulated:
                self.alpha[k] = scale
        elif self.accumulated:
            self.alpha.value = scale
        self.function(*self.arguments)


class _ByNumpy:
    """One product in NumPy's own operations."""

    def __init__(self, product: Product) -> None:
        self.product = product
        self.result: Array = np.empty_like(product.out) if product.accumulate else product.out

    def __call__(self, scale: float) -> None:
        A, B, out, accumulate = self.product
        np.matmul(A, B, out=self.result)
        if accumulate and scale != 1:
            np.multiply(self.result, scale, out=self.result)
        if accumulate:
            np.add(out, self.result, out=out)


class _OneByOne:
    """One after the other."""

    def __init__(self, computations: list[Compute]) -> None:
        self.computations = computations

    def __call__(self, scale: float) -> None:
        for compute in self.computations:
            compute(scale)


def _gemm_args(product: Product) -> tuple[Any, ...] | None:
    """The arguments of BLAS's gemm for C ← α A B + β C, or None; α is 1 until a scale comes."""
    A, B, out, accumulate = product
    layouts = [layout for array in (A, B, out) if (layout := _layout(array, out.dtype))]
    if len(layouts) < 3 or layouts[2][0] != AS_IS:
        return None
    (transposed_A, *at_A), (transposed_B, *at_B), (_, *at_out) = layouts
    sizes = (len(A), B.shape[1], len(B))
    return (transposed_A, transposed_B, *sizes, 1.0, *at_A, *at_B, float(accumulate), *at_out)


def _layout(matrix: Array, dtype: npt.DTypeLike) -> tuple[int, int, int] | None:
    """Whether a matrix lies in memory by rows or by columns, its address, and its leading dimension.

    None for one that BLAS cannot take.
    """
    for transposed, rows in ((AS_IS, matrix), (TRANSPOSED, matrix.T)):
        (n, m), (down, along) = rows.shape, rows.strides
        leading = down // rows.itemsize if n > 1 else m
        if rows.dtype == dtype and (along == rows.itemsize or m == 1) and leading >= m > 0:
            return transposed, rows.ctypes.data, leading
    return None


def threads() -> int:
    """How many threads products are computed on; 0 where it is not known."""
    functions = FUNCTIONS.get("f")
    return int(functions.threads()) if functions else 0


def several_at_once() -> bool:
    """Whether BLAS computes several products in one call."""
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
        whole = x.size // SHARED * SHARED
        if whole:
            functions.axpy(whole, factor, _at(x), 1, _at(out), 1)
        if whole < x.size:
            functions.axpy(x.size - whole, factor, _at(x[whole:]), 1, _at(out[whole:]), 1)
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

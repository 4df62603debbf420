"""Products and sums onto what is there, by BLAS and by NumPy alone, against the plain formulas."""

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from nn.kernels import blas
from nn.kernels.blas import SMALL, AccumulatedProduct, Product, add_on_all_threads, add_scaled, prepare


@pytest.fixture(params=["BLAS", "an older BLAS", "NumPy alone"])
def way(request, monkeypatch):
    if request.param == "NumPy alone":
        monkeypatch.setattr(blas, "FUNCTIONS", {})
    elif not blas.FUNCTIONS:
        pytest.skip("this NumPy's BLAS does not show its functions")
    elif request.param == "an older BLAS":
        older = {char: functions._replace(gemm_batch=None) for char, functions in blas.FUNCTIONS.items()}
        monkeypatch.setattr(blas, "FUNCTIONS", older)


def test_the_functions_are_found_in_numpys_own_packages():
    library = np.show_config(mode="dicts")["Build Dependencies"]["blas"]["name"]
    if library != "scipy-openblas":
        pytest.skip(f"this NumPy was built on {library}")
    assert blas.FUNCTIONS.keys() == {"f", "d"}


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("factor", [0.0, 0.9, 1.0, 700.0])
@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float32, 2e-5), (np.float64, 1e-13)])
@pytest.mark.parametrize("shape", [(1, 1, 1), (5, 3, 2), (128, 300, 70), (7, None, 4)])
def test_a_product_is_added_onto_what_is_there(rng, shape, dtype, tolerance, factor):
    n, i, j = shape
    A = rng.normal(size=(n,) if i is None else (n, i)).astype(dtype)
    B = rng.normal(size=(n, j)).astype(dtype)
    out = rng.normal(size=(j,) if i is None else (i, j)).astype(dtype)
    product = A.T.astype(np.float64) @ B
    expected = out.astype(np.float64) + factor * product if factor else product

    AccumulatedProduct(out)(A, B, factor)

    np.testing.assert_allclose(out, expected, rtol=tolerance, atol=tolerance * max(1, factor))


@pytest.mark.usefixtures("way")
def test_the_same_product_again_sees_new_numbers_new_arrays_and_another_factor():
    out = np.zeros((3, 2))
    A, B = np.ones((4, 3)), np.ones((4, 2))
    product = AccumulatedProduct(out)

    product(A, B, 0.5)
    A *= 2
    product(A, B, 0.5)
    assert (out == 2 + 4).all()
    product(A, B, 1.0)
    assert (out == 6 + 8).all()
    product(A[:2], B[:2], 1.0)
    assert (out == 14 + 4).all()


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize(
    "other", ["every other column", "backwards", "one row for all", "float32", "columns", "float16"]
)
def test_arrays_that_blas_cannot_take_are_multiplied_all_the_same(rng, other):
    A, B, out = rng.normal(size=(6, 8)), rng.normal(size=(6, 2)), rng.normal(size=(8, 2))
    if other == "every other column":
        A = np.repeat(A, 2, axis=1)[:, ::2]
    elif other == "backwards":
        A = A[::-1]
    elif other == "one row for all":
        A = np.broadcast_to(A[0], A.shape)
    elif other == "float32":
        A = A.astype(np.float32)
    elif other == "float16":
        out = out.astype(np.float16)
    else:
        out = np.asfortranarray(out)
    expected = out + 0.5 * A.T @ B

    AccumulatedProduct(out)(A, B, 0.5)

    np.testing.assert_allclose(
        out, expected, rtol=1e-12 if out.dtype == np.float64 else 2e-3, atol=1e-3 * (other == "float16")
    )


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float32, 1e-4), (np.float64, 1e-12)])
@pytest.mark.parametrize("size", [3, 150])
def test_products_at_once_are_those_one_by_one(rng, size, dtype, tolerance, threads):
    """Rows and columns of larger arrays, as they lie and transposed, accumulated and not; small and large ones."""

    def numbers(rows, columns):
        return rng.normal(size=(rows, columns)).astype(dtype)

    n, t, m = size, size + 1, size + 2
    around = numbers(2 * n, m)
    products = [
        Product(numbers(n, t), numbers(t, m), around[:n], accumulate=True),
        Product(numbers(t, n).T, numbers(t, m), around[n:], accumulate=False),
        Product(numbers(n, 2 * t)[:, t:], np.asfortranarray(numbers(t, m)), numbers(n, m + 5)[:, 5:], accumulate=True),
    ]
    expected = [p.accumulate * p.out.astype(np.float64) + (-0.3 if p.accumulate else 1) * (p.A @ p.B) for p in products]

    with threadpool_limits(threads, user_api="blas"):
        prepare(*products)(-0.3)

    for product, right in zip(products, expected, strict=True):
        np.testing.assert_allclose(product.out, right, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize(("n", "at_once", "asked"), [(100, True, 0), (101, True, 1), (101, False, 0)])
def test_only_large_products_are_asked_for_at_once(rng, monkeypatch, n, at_once, asked):
    """OpenBLAS's way of computing several small ones ends in a crash."""
    if not (blas.FUNCTIONS and blas.FUNCTIONS["d"].gemm_batch):
        pytest.skip("this NumPy's BLAS does not compute several products at once")
    calls, real = [], blas.FUNCTIONS["d"]

    def batch(*arguments):
        calls.append(arguments)
        real.gemm_batch(*arguments)

    monkeypatch.setattr(blas, "FUNCTIONS", {"d": real._replace(gemm_batch=batch)})
    A, B, outs = rng.normal(size=(n, 100)), rng.normal(size=(100, 100)), np.empty((2, n, 100))
    assert (A.size * 100 > SMALL) == (n > 100)

    prepare(Product(A, B, outs[0]), Product(A, B, outs[1]), at_once=at_once)(1.0)

    assert len(calls) == asked
    np.testing.assert_allclose(outs, [A @ B, A @ B])


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("keep", [1.0, 0.9])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("n", [1, 30_001])
def test_a_scaled_vector_is_added(rng, n, dtype, keep):
    x, out = rng.normal(size=n).astype(dtype), rng.normal(size=n).astype(dtype)
    x.flags.writeable = False
    expected = -0.1 * x.astype(np.float64) + keep * out.astype(np.float64)

    add_scaled(-0.1, x, out, np.empty_like(out), keep)

    np.testing.assert_allclose(out, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("n", [1, 30_001])
def test_all_threads_add_a_scaled_vector_as_one_does(rng, n):
    x, out = rng.normal(size=n), rng.normal(size=n)
    expected = out - 0.1 * x

    add_on_all_threads(-0.1, x, out, np.empty_like(out))

    np.testing.assert_allclose(out, expected, rtol=1e-13, atol=1e-13)

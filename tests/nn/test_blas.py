"""Products and sums onto what is there, by BLAS and by NumPy alone, against the plain formulas."""

import numpy as np
import pytest

from nn import blas
from nn.blas import AddedProduct, add_scaled


@pytest.fixture(params=["BLAS", "NumPy alone"])
def way(request, monkeypatch):
    if request.param == "NumPy alone":
        monkeypatch.setattr(blas, "FUNCTIONS", {})
    elif not blas.FUNCTIONS:
        pytest.skip("this NumPy's BLAS does not show its functions")


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

    AddedProduct(out)(A, B, factor)

    np.testing.assert_allclose(out, expected, rtol=tolerance, atol=tolerance * max(1, factor))


@pytest.mark.usefixtures("way")
def test_the_same_product_again_sees_new_numbers_new_arrays_and_another_factor():
    out = np.zeros((3, 2))
    A, B = np.ones((4, 3)), np.ones((4, 2))
    product = AddedProduct(out)

    product(A, B, 0.5)
    A *= 2
    product(A, B, 0.5)
    assert (out == 2 + 4).all()
    product(A, B, 1.0)
    assert (out == 6 + 8).all()
    product(A[:2], B[:2], 1.0)
    assert (out == 14 + 4).all()


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("other", ["every other column", "float32", "out is a column", "float16"])
def test_arrays_that_blas_cannot_take_are_multiplied_all_the_same(rng, other):
    A, B, out = rng.normal(size=(6, 8)), rng.normal(size=(6, 2)), rng.normal(size=(8, 2))
    if other == "every other column":
        A = np.repeat(A, 2, axis=1)[:, ::2]
    elif other == "float32":
        A = A.astype(np.float32)
    elif other == "float16":
        out = out.astype(np.float16)
    else:
        out = np.asfortranarray(out)
    expected = out + 0.5 * A.T @ B

    AddedProduct(out)(A, B, 0.5)

    np.testing.assert_allclose(
        out, expected, rtol=1e-12 if out.dtype == np.float64 else 2e-3, atol=1e-3 * (other == "float16")
    )


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

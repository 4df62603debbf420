"""A dense layer's products in two parts, against the plain formulas."""

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from nn.kernels.blas import FUNCTIONS
from nn.kernels.split_matmul import WORTH_SPLITTING, SplitMatmul

LARGE, ODD, SMALL = (128, 784, 128), (97, 301, 141), (5, 3, 2)
assert np.prod(SMALL) < WORTH_SPLITTING <= min(np.prod(LARGE), np.prod(ODD))


@pytest.fixture(params=[1, 2, 3])
def threads(request):
    with threadpool_limits(request.param, user_api="blas"):
        yield request.param


def layer(rng, shape, dtype):
    """X, W, b, dY."""
    n, i, j = shape
    return [rng.normal(size=size).astype(dtype) for size in ((n, i), (i, j), (j,), (n, j))]


@pytest.mark.usefixtures("threads")
@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float32, 1e-3), (np.float64, 1e-11)])
@pytest.mark.parametrize("shape", [LARGE, ODD, SMALL])
class TestProducts:
    @pytest.mark.parametrize("with_bias", [True, False])
    def test_forward(self, rng, shape, dtype, tolerance, with_bias):
        X, W, b, Y = layer(rng, shape, dtype)

        SplitMatmul(W, np.empty_like(W)).forward(X, b if with_bias else 0.0, Y)

        np.testing.assert_allclose(Y, X @ W + with_bias * b, atol=tolerance)

    @pytest.mark.parametrize("wanted", [True, False])
    @pytest.mark.parametrize("scale", [0.0, 0.7])
    def test_backward(self, rng, shape, dtype, tolerance, scale, wanted):
        X, W, _, dY = layer(rng, shape, dtype)
        dW, dX = rng.normal(size=W.shape).astype(dtype), np.full_like(X, 7)
        gradient = scale * (X.T @ dY) + dW if scale else X.T @ dY

        SplitMatmul(W, dW).backward(X, dY, dX if wanted else None, scale)

        np.testing.assert_allclose(dW, gradient, atol=tolerance)
        np.testing.assert_allclose(dX, dY @ W.T if wanted else np.full_like(X, 7), atol=tolerance)


def test_batches_of_several_sizes_in_turn_and_arrays_that_change(rng):
    X, W, b, Y = layer(rng, LARGE, np.float64)
    products = SplitMatmul(W, np.empty_like(W))
    for n in (128, 128, 4, 90, 4, 128):
        X *= 1.1
        W += 0.01
        products.forward(X[:n], b, Y[:n])
        np.testing.assert_allclose(Y[:n], X[:n] @ W + b, atol=1e-10)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_second_thread_changes_no_result(rng, dtype):
    X, W, b, dY = layer(rng, ODD, dtype)
    results = []
    for threads in (1, 2):
        Y, dW, dX = np.empty_like(dY), np.empty_like(W), np.empty_like(X)
        with threadpool_limits(threads, user_api="blas"):
            products = SplitMatmul(W, dW)
            products.forward(X, b, Y)
            products.backward(X, dY, dX, 0.0)
        results.append((Y, dW, dX))
    for one, two in zip(*results, strict=True):
        assert (one == two).all()


@pytest.mark.parametrize("older", [{}, {char: blas._replace(gemm_batch=None) for char, blas in FUNCTIONS.items()}])
def test_a_library_that_is_asked_for_one_product_at_a_time_divides_them_itself(rng, monkeypatch, older):
    monkeypatch.setattr("nn.kernels.blas.FUNCTIONS", older)
    X, W, b, Y = layer(rng, LARGE, np.float64)
    products = SplitMatmul(W, np.empty_like(W))

    products.forward(X, b, Y)

    assert products.second is None
    np.testing.assert_allclose(Y, X @ W + b, atol=1e-10)

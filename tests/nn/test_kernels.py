"""Every kernel computes what the textbook's class does: on both sides of each threshold, on one to three threads."""

import ast
import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from nn import ACTIVATIONS, LOSSES, OPTIMIZERS, Model, TrainingOptions, fit
from nn.dispatch import kernel_of
from nn.kernels import KERNELS
from nn.kernels.activation import in_place
from nn.kernels.blas import SMALL
from nn.kernels.chunks import WORTH_SHARING
from nn.kernels.single import single_of
from nn.kernels.split_matmul import WORTH_SPLITTING
from nn.layers import LAYERS, ActivationLayer, layer_from
from nn.losses import loss_from
from nn.network import Network
from nn.optimizers import optimizer_from
from tests.nn.conftest import gradient_error, weights

ROOT = Path(__file__).parents[2]
TOLERANCE = {np.float32: 2e-4, np.float64: 1e-10}


@pytest.fixture(params=[1, 2, 3])
def threads(request):
    with threadpool_limits(request.param, user_api="blas"):
        yield request.param


def pair(config, shape, rng, dtype=np.float64):
    """A layer of the textbook and its kernel, with the same parameters; both hand back dX."""
    both = []
    for kernels in (False, True):
        network = Network([layer_from(config)], shape, dtype, kernels=kernels)
        network.initialize(np.random.default_rng(1))
        network.layers[0].needs_input_gradient = True
        both.append(network)
    for (_, one), (_, other) in zip(both[0].tensors(), both[1].tensors(), strict=True):
        one += 0.1 * rng.normal(size=one.shape)
        other[...] = one
    return both[0].layers[0], both[1].layers[0]


def gradients(layer):
    return [getattr(layer, f"d{layer.symbols[name]}") for name in layer.parameters]


def assert_equal(textbook, kernel, X, rng, tolerance):
    """Prediction, a step of training, and what is remembered of it."""
    np.testing.assert_allclose(kernel.forward(X, None), textbook.forward(X, None), rtol=tolerance, atol=tolerance)
    Y = textbook.forward(X, np.random.default_rng(5))
    np.testing.assert_allclose(kernel.forward(X, np.random.default_rng(5)), Y, rtol=tolerance, atol=tolerance)
    dY = rng.normal(size=Y.shape).astype(X.dtype)
    expected = textbook.backward(dY)
    np.testing.assert_allclose(kernel.backward(dY.copy()), expected, rtol=tolerance, atol=tolerance)
    for ours, theirs in zip(gradients(kernel), gradients(textbook), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=tolerance, atol=tolerance * len(X))
    for name, statistic in textbook.statistics.items():
        np.testing.assert_allclose(kernel.statistics[name], statistic, rtol=tolerance, atol=tolerance)


IMAGE, ROWS = (9, 8, 3), (12,)
AT = round(WORTH_SPLITTING / 200**2)
"""Rows from which a layer of 200 inputs and 200 units is split."""
CASES = [
    ({"type": "dense", "units": 200}, (200,), AT),
    ({"type": "dense", "units": 200}, (200,), AT - 1),
    ({"type": "dense", "units": 141, "bias": False}, (301,), 97),
    ({"type": "dense", "units": 5}, ROWS, 7),
    ({"type": "dense", "units": 200}, (4, 200), AT // 4),
    ({"type": "dense", "units": 200}, (4, 200), AT // 4 - 1),
    ({"type": "dense", "units": 5, "bias": False}, (3, 12), 7),
    ({"type": "embedding", "units": 3, "widths": [5, 1, 6]}, ROWS, 7),
    ({"type": "members", "count": 3}, ROWS, 7),
    ({"type": "members", "count": 4}, (301,), 97),
    ({"type": "member_dense", "units": 5}, (3, 12), 7),
    ({"type": "member_dense", "units": 141, "bias": False}, (4, 200), 97),
    ({"type": "conv2d", "filters": 4, "kernel": 3}, IMAGE, 5),
    ({"type": "conv2d", "filters": 4, "kernel": 3, "stride": 2, "padding": 2, "bias": False}, IMAGE, 5),
    ({"type": "conv2d", "filters": 30, "kernel": 5, "padding": 1}, (20, 20, 8), 9),
    ({"type": "batch_norm"}, ROWS, 7),
    ({"type": "batch_norm", "momentum": 0.3}, IMAGE, 5),
    ({"type": "dropout", "rate": 0.4}, ROWS, 7),
    ({"type": "dropout", "rate": 0}, ROWS, 7),
    ({"type": "flatten"}, IMAGE, 5),
    ({"type": "flatten"}, ROWS, 5),
    ({"type": "max_pool2d"}, IMAGE, 5),
    ({"type": "max_pool2d", "size": 3}, IMAGE, 5),
    ({"type": "average_pool2d"}, IMAGE, 5),
    ({"type": "average_pool2d", "size": 3}, IMAGE, 5),
    *(({"type": activation}, ROWS, 7) for activation in ACTIVATIONS),
    *(({"type": activation}, IMAGE, 5) for activation in ACTIVATIONS),
]


@pytest.mark.usefixtures("threads")
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("config", "shape", "n"), CASES)
def test_a_layer(config, shape, n, dtype, rng):
    textbook, kernel = pair(config, shape, rng, dtype)
    X = rng.normal(size=(n, *shape)).astype(dtype)

    for rows in (n, n, n // 2, 2, n):  # the same arrays again, a smaller last batch, and the first size again
        X *= 1.1  # in place: the same array with other numbers
        assert_equal(textbook, kernel, X[:rows], rng, TOLERANCE[dtype])


@pytest.mark.parametrize(("config", "shape", "n"), CASES)
def test_a_layer_over_rows_that_lie_apart(config, shape, n, rng):
    textbook, kernel = pair(config, shape, rng)
    around = rng.normal(size=(2 * n, *shape))

    assert_equal(textbook, kernel, around[::2], rng, 1e-10)
    assert_equal(textbook, kernel, around[::-2], rng, 1e-10)


def test_every_layer_is_among_the_cases():
    assert {config["type"] for config, _, _ in CASES} == {*LAYERS, *ACTIVATIONS}


def test_every_kernel_is_among_the_cases():
    assert set(KERNELS) <= {*LAYERS.values(), *LOSSES.values(), *OPTIMIZERS.values(), ActivationLayer}


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_an_activation_of_one_row_as_blocks_have_it(name, rng):
    x = np.append(rng.normal(size=30), [0.0, -0.0])
    y, slope, alone = np.empty((3, 32))

    in_place(ACTIVATIONS[name])(x, y, slope)
    in_place(ACTIVATIONS[name])(x, alone, None)

    for ours, theirs in zip((y, slope, alone), (*ACTIVATIONS[name](x), y), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-14)


LOSS_CASES = [
    *(({"name": name}, task) for name, loss in LOSSES.items() for task in loss.output),
    ({"name": "cross_entropy", "label_smoothing": 0.1}, "classification"),
    ({"name": "cross_entropy", "class_weights": [1.0, 0.2, 3.0, 2.0], "label_smoothing": 0.3}, "classification"),
    ({"name": "huber", "delta": 0.3}, "regression"),
]


def loss_case(config, task, n, rng, dtype):
    """A loss, its kernel, logits and targets."""
    K = 1 if config["name"] == "binary_cross_entropy" else 4
    textbook = loss_from(config, task, max(K, 2))
    targets = rng.integers(0, max(K, 2), n) if task == "classification" else rng.normal(size=(n, K)).astype(dtype)
    return textbook, kernel_of(textbook), (3 * rng.normal(size=(n, K))).astype(dtype), targets


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("config", "task"), LOSS_CASES)
def test_a_loss(config, task, dtype, rng):
    textbook, kernel, Z, targets = loss_case(config, task, 50, rng, dtype)
    tolerance = 1e-5 if dtype == np.float32 else 1e-12

    for n in (50, 50, 7, 1, 50):
        Z *= 1.1
        expected, dZ = textbook(Z[:n], targets[:n])
        loss, ours = kernel(Z[:n], targets[:n])
        assert loss == pytest.approx(expected, rel=tolerance)
        assert kernel.right == textbook.right
        assert kernel.weight(targets[:n]) == textbook.weight(targets[:n])
        np.testing.assert_allclose(ours, dZ, rtol=tolerance, atol=tolerance / n)


@pytest.mark.parametrize(("config", "task"), LOSS_CASES)
def test_a_loss_of_one_row_as_blocks_have_it(config, task, rng):
    textbook, kernel, Z, targets = loss_case(config, task, 9, rng, np.float64)

    for z, target in zip(Z, targets, strict=True):
        expected, dZ = textbook(z[None], np.asarray(target)[None])
        dz = np.empty_like(z)
        assert single_of(kernel)(z, target, dz, -0.3) == pytest.approx(expected, rel=1e-12)
        assert kernel.right == textbook.right
        np.testing.assert_allclose(dz, -0.3 * dZ[0], rtol=1e-10, atol=1e-13)


@pytest.mark.usefixtures("threads")
@pytest.mark.parametrize("n", [7, WORTH_SHARING - 1, WORTH_SHARING + 12_345])
@pytest.mark.parametrize(
    "config",
    [
        *({"name": name} for name in OPTIMIZERS),
        {"name": "sgd", "momentum": 0.9},
        {"name": "sgd", "momentum": 0.9, "nesterov": True},
        {"name": "adam", "beta1": 0.0, "epsilon": 1e-3},
    ],
)
def test_an_optimizer(config, n, rng):
    start, gradient = rng.normal(size=(2, n))
    ends = []
    for optimizer in (optimizer_from(config), kernel_of(optimizer_from(config))):
        theta, g = start.copy(), np.empty(n)
        optimizer.start(theta, g)
        for factor in (1.0, -0.5, 0.1):
            g[...] = factor * gradient
            optimizer.step(0.01)
        ends.append(theta)

    np.testing.assert_allclose(*ends, rtol=1e-9, atol=1e-12)
    assert optimizer.steps == 3


def trained(data, kernels, *, layers, options, dtype=np.float64):
    model = Model.build(data, layers=layers, rng=np.random.default_rng(2), dtype=dtype, kernels=kernels)
    history = fit(model, data.x_train[:300], data.y_train[:300], options, rng=np.random.default_rng(3))
    return weights(model), history.epochs[-1].train_loss


DENSE = [{"type": "dense", "units": 128}, {"type": "gelu"}, {"type": "dense", "units": 64}, {"type": "relu"}]
CONV = [
    {"type": "conv2d", "filters": 3, "kernel": 5, "stride": 3},
    {"type": "batch_norm"},
    {"type": "silu"},
    {"type": "max_pool2d"},
    {"type": "flatten"},
    {"type": "dropout", "rate": 0.2},
]
MOMENTUM = {"name": "sgd", "learning_rate": 0.01, "momentum": 0.9}


@pytest.mark.usefixtures("threads")
@pytest.mark.parametrize("layers", [DENSE, CONV], ids=["dense", "convolution"])
@pytest.mark.parametrize(
    "options",
    [
        {"optimizer": MOMENTUM, "batch_size": 128},  # 128 · 784 · 128 multiplications are split, those of 44 rows not
        {"optimizer": {**MOMENTUM, "nesterov": True}, "clip_norm": 1.0, "batch_size": 70},
        {"optimizer": "adamw", "batch_size": 128, "l2": 1e-3},
        {"optimizer": {"name": "sgd", "learning_rate": 0.01}, "batch_size": 1, "epochs": 1, "loss": "cross_entropy"},
    ],
)
def test_a_training(mnist, layers, options):
    assert SMALL < 44 * 784 * 128 / 2 < WORTH_SPLITTING < 128 * 784 * 128
    choices = TrainingOptions(**{"epochs": 3} | options)

    plain, expected = trained(mnist, False, layers=layers, options=choices)
    fast, loss = trained(mnist, True, layers=layers, options=choices)

    assert loss == pytest.approx(expected, rel=1e-8)
    np.testing.assert_allclose(fast, plain, rtol=1e-7, atol=1e-8)


@pytest.mark.parametrize("optimizer", [MOMENTUM, {**MOMENTUM, "nesterov": True}, "adam", "rmsprop"])
def test_a_second_thread_changes_no_bit(mnist, optimizer):
    """The hidden layers' products are split, the output layer's are too small for BLAS's threads, and with two million
    parameters the optimizer's vectors are shared.
    """
    layers = [{"type": "dense", "units": 1500}, {"type": "relu"}, {"type": "dense", "units": 600}, {"type": "tanh"}]
    options, ends = TrainingOptions(optimizer=optimizer, batch_size=64, epochs=1), []
    for threads in (1, 2):
        with threadpool_limits(threads, user_api="blas"):
            ends.append(trained(mnist, True, layers=layers, options=options, dtype=np.float32)[0])

    assert len(ends[0]) > WORTH_SHARING
    np.testing.assert_array_equal(*ends)


@pytest.mark.usefixtures("threads")
@pytest.mark.parametrize("kernels", [False, True])
def test_gradients_of_products_that_are_split_are_those_of_central_differences(kernels, rng):
    n, n_in, units = 60, 300, 240
    assert n * n_in * units > WORTH_SPLITTING
    layers = [
        {"type": "dense", "units": units},
        {"type": "tanh"},
        {"type": "dense", "units": n_in},
        {"type": "silu"},
        {"type": "dense", "units": 4},
    ]
    network = Network([layer_from(layer) for layer in layers], (n_in,), np.float64, kernels=kernels)
    network.initialize(rng)

    error = gradient_error(
        network, loss_from("cross_entropy", "classification", 4), rng.normal(size=(n, n_in)), rng.integers(0, 4, n)
    )

    assert error < 1e-6


def test_what_has_no_kernel_computes_by_itself(monkeypatch, clouds):
    """A layer, an activation, a loss and an optimizer of one's own, beside kernels."""

    class Scaled(LAYERS["dense"]):
        kind = "scaled"

        def forward(self, X, rng):
            return 2 * super().forward(X, rng)

        def backward(self, dY):
            return super().backward(2 * dY)

    class Signs(OPTIMIZERS["adam"]):
        kind = "signs"
        moment_names = ("m",)

        def update(self, eta, theta, g, *moments):
            (m,) = moments
            m[...] = 0.9 * m + 0.1 * g
            theta -= eta * np.sign(m)

    class Own(LOSSES["cross_entropy"]):
        kind = "own"

    monkeypatch.setitem(LAYERS, "scaled", Scaled)
    monkeypatch.setitem(OPTIMIZERS, "signs", Signs)
    monkeypatch.setitem(LOSSES, "own", Own)
    monkeypatch.setitem(ACTIVATIONS, "sine", lambda x: (np.sin(x), np.cos(x)))
    layers = [{"type": "dense", "units": 8}, {"type": "tanh"}, {"type": "scaled", "units": 6}, {"type": "sine"}]
    rng = np.random.default_rng(0)
    model = Model.build(clouds, layers=layers, loss="own", rng=rng)
    options = TrainingOptions(optimizer={"name": "signs", "learning_rate": 0.005}, epochs=40, batch_size=16)

    fit(model, clouds.x_train, clouds.y_train, options, rng=rng)

    assert [type(layer) in KERNELS.values() for layer in model.network.layers] == [True, True, False, True, True]
    assert model.evaluate(clouds.x_test, clouds.y_test)["accuracy"] >= 0.9


SCRIPT = """
import json, sys
import numpy as np
import nn
data = nn.datasets.load("mnist")
model = nn.Model.build(data, hidden_layers=[64], rng=np.random.default_rng(0), kernels={kernels})
nn.fit(model, data.x_train[:4000], data.y_train[:4000], nn.TrainingOptions(epochs=4), rng=np.random.default_rng(1))
print(json.dumps({{"accuracy": model.evaluate(data.x_test, data.y_test)["accuracy"], "kernels": model.network.kernels,
                   "imported": "nn.kernels" in sys.modules, "file": nn.__file__}}))
"""


def told_by(folder, *, kernels):
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(kernels=kernels)],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(folder), "OPENBLAS_NUM_THREADS": "1"},
    )
    return json.loads(done.stdout)


def test_without_the_folder_of_kernels_a_network_trains_to_the_same_accuracy(tmp_path):
    shutil.copytree(ROOT / "nn", tmp_path / "nn", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.rmtree(tmp_path / "nn" / "kernels")

    fast, plain, without = told_by(ROOT, kernels=True), told_by(ROOT, kernels=False), told_by(tmp_path, kernels=True)

    assert (fast["kernels"], fast["imported"]) == (True, True)
    assert (plain["kernels"], plain["imported"]) == (False, False)
    assert (without["kernels"], without["imported"]) == (False, False)
    assert without["file"] == str(tmp_path / "nn" / "__init__.py")
    assert without["accuracy"] == plain["accuracy"] == pytest.approx(fast["accuracy"], abs=0.002)
    assert plain["accuracy"] > 0.9


@pytest.mark.parametrize("folder", ["layers", "losses", "optimizers"])
def test_a_class_of_the_textbook_is_read_at_a_glance(folder):
    """Under 30 lines of code that computes: without docstrings and what is declared."""
    for file in (ROOT / "nn" / folder).glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef) and not any(getattr(base, "id", "") == "ABC" for base in node.bases):
                methods = [part for part in node.body if isinstance(part, ast.FunctionDef) and part.name != "__init__"]
                lines = sum(map(_code_lines, methods))
                assert lines < 30, f"{file.name} {node.name}: {lines} lines"


def _code_lines(function):
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return sum(statement.end_lineno - statement.lineno + 1 for statement in body)

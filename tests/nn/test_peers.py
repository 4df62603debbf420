"""The same mathematics by others: PyTorch's autograd, its optimizers and its files, ONNX Runtime's inference."""

import numpy as np
import pytest

from nn import ACTIVATIONS, Dataset, Model, Teacher, TrainingOptions, fit
from nn.data import Column
from nn.dispatch import kernel_of
from nn.formats import load, save
from nn.layers import layer_from
from nn.losses import loss_from
from nn.losses.distillation import Distillation
from nn.network import Network
from nn.optimizers import optimizer_from
from tests.support.needs import module

pytestmark = pytest.mark.peers

LENET = [
    {"type": "conv2d", "filters": 4, "kernel": 3, "padding": 1},
    {"type": "batch_norm"},
    {"type": "relu"},
    {"type": "max_pool2d"},
    {"type": "conv2d", "filters": 5, "kernel": 3, "stride": 2, "bias": False},
    {"type": "tanh"},
    {"type": "average_pool2d"},
    {"type": "flatten"},
    {"type": "dropout", "rate": 0.5},
    {"type": "dense", "units": 6},
    {"type": "gelu"},
]
DENSE = [{"type": "dense", "units": 7}, {"type": "batch_norm"}, {"type": "silu"}, {"type": "dropout", "rate": 0.3}]
ENSEMBLE = [
    {"type": "embedding", "units": 4},
    {"type": "members", "count": 3},
    {"type": "dense", "units": 9},
    {"type": "batch_norm"},
    {"type": "gelu"},
    {"type": "member_dense", "units": 5, "bias": False},
    {"type": "relu"},
    {"type": "dropout", "rate": 0.1},
]


def torch_activation(name, torch):
    return {
        "elu": torch.nn.ELU(),
        "gelu": torch.nn.GELU(approximate="tanh"),
        "leaky_relu": torch.nn.LeakyReLU(),
        "linear": torch.nn.Identity(),
        "relu": torch.nn.ReLU(),
        "sigmoid": torch.nn.Sigmoid(),
        "silu": torch.nn.SiLU(),
        "softplus": torch.nn.Softplus(),
        "tanh": torch.nn.Tanh(),
    }[name]


def sequential(network, torch):
    """The same layers as a torch.nn.Sequential, from their configuration and shapes."""
    shape, modules = network.input_shape, []
    for layer in network.layers:
        config = layer.config()
        kind = config["type"]
        if kind == "dense":
            modules.append(torch.nn.Linear(shape[0], config["units"], bias=config["bias"]))
        elif kind == "conv2d":
            modules.append(
                torch.nn.Conv2d(
                    shape[2],
                    config["filters"],
                    config["kernel"],
                    config["stride"],
                    config["padding"],
                    bias=config["bias"],
                )
            )
        elif kind == "batch_norm":
            norm = torch.nn.BatchNorm2d if len(shape) == 3 else torch.nn.BatchNorm1d
            modules.append(norm(shape[-1], config["epsilon"], config["momentum"]))
        elif kind == "max_pool2d":
            modules.append(torch.nn.MaxPool2d(config["size"]))
        elif kind == "average_pool2d":
            modules.append(torch.nn.AvgPool2d(config["size"]))
        elif kind == "flatten":
            modules.append(torch.nn.Flatten())
        elif kind == "dropout":
            modules.append(torch.nn.Dropout(config["rate"]))
        else:
            modules.append(torch_activation(kind, torch))
        shape = layer.build(shape)
    return torch.nn.Sequential(*modules)


@pytest.fixture(scope="module")
def torch():
    return module("torch")


@pytest.fixture
def images(rng):
    """Ten classes of noise: 14×13 pixels of one byte."""
    x, y = rng.integers(0, 256, (80, 14 * 13)).astype(np.uint8), np.arange(80) % 10
    return Dataset(x[:60], y[:60], x[60:], y[60:], "classification", tuple("0123456789"), (14, 13), "noise")


def trained(data, layers, **choices):
    """A model whose statistics and weights have all moved from where they began."""
    rng = np.random.default_rng(4)
    model = Model.build(data, layers=layers, rng=rng, **choices)
    fit(
        model,
        data.x_train,
        data.y_train,
        TrainingOptions(epochs=3, batch_size=20, optimizer={"name": "sgd", "learning_rate": 0.02}),
        rng=rng,
    )
    return model


def as_torch_sees(model, x, torch):
    X = torch.from_numpy(model.prepare(x).copy())
    return X.permute(0, 3, 1, 2) if X.ndim == 4 else X


# --- gradients ------------------------------------------------------------------------------------------------------


def torch_loss(name, task, torch):
    F = torch.nn.functional
    if name == "mean_squared_error" and task == "classification":
        return lambda Z, t: F.mse_loss(torch.softmax(Z, 1), F.one_hot(t, Z.shape[1]).to(Z.dtype))
    return {
        "cross_entropy": F.cross_entropy,
        "binary_cross_entropy": lambda Z, t: F.binary_cross_entropy_with_logits(Z[:, 0], t.to(Z.dtype)),
        "mean_squared_error": F.mse_loss,
        "mean_absolute_error": F.l1_loss,
        "huber": F.huber_loss,
    }[name]


NETWORKS = [
    ("cross_entropy", "classification", DENSE),
    ("mean_squared_error", "classification", DENSE),
    ("binary_cross_entropy", "classification", DENSE),
    ("mean_squared_error", "regression", DENSE),
    ("mean_absolute_error", "regression", DENSE),
    ("huber", "regression", DENSE),
    ("cross_entropy", "classification", LENET),
    ("mean_squared_error", "regression", LENET),
    *[("cross_entropy", "classification", [{"type": "dense", "units": 6}, {"type": a}]) for a in ACTIVATIONS],
]


@pytest.mark.parametrize("kernels", [False, True], ids=["textbook", "kernels"])
@pytest.mark.parametrize(("loss_name", "task", "layers"), NETWORKS)
def test_loss_and_gradients_are_those_of_autograd(loss_name, task, layers, kernels, rng, torch):
    layers = [entry for entry in layers if entry["type"] != "dropout"]
    shape = (11, 12, 2) if layers[0]["type"] == "conv2d" else (5,)
    outputs = 1 if loss_name == "binary_cross_entropy" else 4
    targets = rng.integers(0, 2 if outputs == 1 else 4, 9) if task == "classification" else rng.normal(size=(9, 4))
    network = Network(
        [layer_from(entry) for entry in [*layers, {"type": "dense", "units": outputs}]],
        shape,
        np.float64,
        kernels=kernels,
    )
    network.initialize(rng)
    theirs = sequential(network, torch).double()
    theirs.load_state_dict({name: torch.from_numpy(array.copy()) for name, array in network.tensors()})
    X = rng.normal(size=(9, *shape))

    Z = network.forward(X, rng)
    loss_of = loss_from(loss_name, task, 2 if outputs == 1 else 4)
    loss, dZ = (kernel_of(loss_of) if kernels else loss_of)(Z, targets)
    network.backward(dZ)
    T = torch.from_numpy(X)
    expected = torch_loss(loss_name, task, torch)(
        theirs(T.permute(0, 3, 1, 2) if T.ndim == 4 else T), torch.from_numpy(targets)
    )
    expected.backward()

    assert loss == pytest.approx(expected.item(), rel=1e-5)
    for name, parameter in theirs.named_parameters():
        place, _, which = name.partition(".")
        layer = network.layers[int(place)]
        ours = layer.gradients[which]
        if layer.kind == "conv2d" and which == "weight":
            ours = ours.reshape(layer.filters, layer.kernel, layer.kernel, layer.channels).transpose(0, 3, 1, 2)
        elif layer.kind == "dense" and which == "weight":
            ours = layer.dW  # in a kernel's memory it lies transposed
        np.testing.assert_allclose(ours, parameter.grad.numpy(), rtol=1e-5, atol=1e-8)


# --- optimizers -----------------------------------------------------------------------------------------------------

OPTIMIZERS = {
    "plain": ({"name": "sgd", "learning_rate": 0.1}, "SGD", {"lr": 0.1}),
    "momentum": ({"name": "sgd", "learning_rate": 0.1, "momentum": 0.9}, "SGD", {"lr": 0.1, "momentum": 0.9}),
    "nesterov": (
        {"name": "sgd", "learning_rate": 0.1, "momentum": 0.8, "nesterov": True},
        "SGD",
        {"lr": 0.1, "momentum": 0.8, "nesterov": True},
    ),
    "adagrad": ({"name": "adagrad", "learning_rate": 0.05}, "Adagrad", {"lr": 0.05}),
    "rmsprop": ({"name": "rmsprop", "learning_rate": 0.01, "rho": 0.95}, "RMSprop", {"lr": 0.01, "alpha": 0.95}),
    "adam": ({"name": "adam", "learning_rate": 0.01, "beta1": 0.8}, "Adam", {"lr": 0.01, "betas": (0.8, 0.999)}),
    "adamw": (
        {"name": "adamw", "learning_rate": 0.01, "weight_decay": 0.1},
        "AdamW",
        {"lr": 0.01, "weight_decay": 0.1},
    ),
}


def test_a_students_loss_and_gradient_are_those_of_autograd(clouds, rng, torch):
    teacher = Teacher(Model.build(clouds, rng=rng, dtype=np.float64), temperature=4.0)
    teacher.answer(clouds.x_train[:9])
    Z = rng.normal(size=(9, 3))
    theirs = torch.from_numpy(Z.copy()).requires_grad_()

    loss, dZ = Distillation(teacher)(Z, clouds.y_train[:9])
    expected = 4.0**2 * torch.nn.functional.kl_div(
        torch.log_softmax(theirs / 4.0, dim=1), torch.from_numpy(teacher.answers), reduction="batchmean"
    )
    expected.backward()

    assert loss == pytest.approx(expected.item(), rel=1e-9)
    np.testing.assert_allclose(dZ, theirs.grad.numpy(), rtol=1e-9)


@pytest.mark.parametrize("kernels", [False, True], ids=["textbook", "kernels"])
@pytest.mark.parametrize(("config", "name", "options"), OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_every_optimizer_takes_the_same_steps(config, name, options, kernels, rng, torch):
    """Twenty steps along changing gradients; AdamW's decay is done where all decay is."""
    start = rng.normal(size=50)
    theta, g = start.copy(), np.empty(50)
    ours = kernel_of(optimizer_from(config)) if kernels else optimizer_from(config)
    ours.start(theta, g)
    parameter = torch.nn.Parameter(torch.from_numpy(start.copy()))
    theirs = getattr(torch.optim, name)([parameter], **options)

    for _ in range(20):
        g[...] = rng.normal(size=50)
        theta *= 1 - config["learning_rate"] * ours.weight_decay
        ours.step(config["learning_rate"])
        parameter.grad = torch.from_numpy(g.copy())
        theirs.step()

        np.testing.assert_allclose(theta, parameter.detach().numpy(), rtol=1e-9, atol=1e-12)


# --- files ----------------------------------------------------------------------------------------------------------


def test_safetensors_load_into_sequential_and_give_the_same_probabilities(images, torch):
    from safetensors.torch import load as load_tensors

    for layers in (LENET, *([{"type": "dense", "units": 6}, {"type": a}] for a in ACTIVATIONS)):
        model = trained(images, layers)
        theirs = sequential(model.network, torch)

        theirs.load_state_dict(load_tensors(save(model)))
        theirs.eval()

        with torch.no_grad():
            P = torch.softmax(theirs(as_torch_sees(model, images.x_test, torch)), 1).numpy()
        np.testing.assert_allclose(P, model.predict_probabilities(images.x_test), atol=1e-5)


def test_a_state_dict_of_torch_is_imported_with_its_architecture(images, torch):
    from safetensors.torch import save as save_tensors

    layers = [
        {"type": "conv2d", "filters": 3, "kernel": 3},
        {"type": "batch_norm"},
        {"type": "relu"},
        {"type": "flatten"},
        {"type": "dense", "units": 10},
    ]
    theirs = torch.nn.Sequential(
        torch.nn.Conv2d(1, 3, 3),
        torch.nn.BatchNorm2d(3),
        torch.nn.ReLU(),
        torch.nn.Flatten(),
        torch.nn.Linear(3 * 12 * 11, 10),
    )
    state = theirs.state_dict()
    architecture = {"input_shape": [14, 13], "layers": layers, "preprocessing": "bytes"}

    model = load(save_tensors(state), architecture=architecture)

    theirs.eval()
    with torch.no_grad():
        P = torch.softmax(theirs(torch.from_numpy(images.x_test.reshape(-1, 1, 14, 13) / np.float32(255))), 1).numpy()
    np.testing.assert_allclose(model.predict_probabilities(images.x_test), P, atol=1e-5)
    assert model.classes == tuple("0123456789")


@pytest.fixture(scope="module")
def runtime():
    return module("onnxruntime")


def run_onnx(model, x, runtime):
    session = runtime.InferenceSession(save(model, "onnx"), providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    [given] = session.get_inputs()
    dtype = {"tensor(float)": np.float32, "tensor(double)": np.float64}[given.type]
    assert (dtype is np.float64) == bool(model.columns)
    return dict(zip(names, session.run(None, {"x": np.asarray(x, dtype)}), strict=True))


@pytest.mark.parametrize("layers", [LENET, DENSE, ENSEMBLE])
def test_onnx_is_what_its_own_package_takes_for_a_whole_and_valid_model(layers, images):
    onnx = module("onnx")
    model = trained(images, layers)

    whole = onnx.load_model_from_string(save(model, "onnx"))

    onnx.checker.check_model(whole, full_check=True)
    assert [(one.domain, one.version) for one in whole.opset_import] == [("", 20)]
    assert {entry.key for entry in whole.metadata_props} == {"neurond", "classes"}
    assert whole.SerializeToString(deterministic=True) == save(model, "onnx")
    assert {one.name for one in whole.graph.initializer} <= {name for node in whole.graph.node for name in node.input}


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_onnx_gives_the_same_probabilities_for_each_activation_and_any_batch(activation, images, runtime):
    model = trained(images, [{"type": "dense", "units": 6}, {"type": activation}])

    for rows in (1, 20):
        said = run_onnx(model, images.x_test[:rows], runtime)
        np.testing.assert_allclose(said["probabilities"], model.predict_probabilities(images.x_test[:rows]), atol=1e-5)
        np.testing.assert_array_equal(said["predictions"], model.predict(images.x_test[:rows]))


@pytest.mark.parametrize("layers", [LENET, DENSE])
def test_onnx_gives_the_same_probabilities_for_all_layers(layers, images, runtime):
    model = trained(images, layers)

    said = run_onnx(model, images.x_test, runtime)

    np.testing.assert_allclose(said["probabilities"], model.predict_probabilities(images.x_test), atol=1e-5)


def test_onnx_has_two_probabilities_where_the_model_has_one_logit(clouds, runtime):
    keep = clouds.y_train < 2
    data = Dataset(
        clouds.x_train[keep],
        clouds.y_train[keep],
        clouds.x_test,
        np.zeros(30, int),
        "classification",
        ("a", "b"),
        (4,),
        "two",
    )
    model = trained(data, DENSE, loss="binary_cross_entropy")

    said = run_onnx(model, data.x_test, runtime)

    np.testing.assert_allclose(said["probabilities"], model.predict_probabilities(data.x_test), atol=1e-5)


def test_onnx_predicts_a_regression_in_the_targets_own_units(rng, runtime):
    x = rng.normal(size=(60, 3))
    y = 100 + 20 * x[:, :2]
    model = trained(Dataset(x, y, x, y, "regression", (), (3,), "plane"), DENSE)

    np.testing.assert_allclose(run_onnx(model, x, runtime)["predictions"], model.predict(x), rtol=1e-5)


@pytest.mark.parametrize("loss", ["cross_entropy", "binary_cross_entropy", "mean_squared_error"])
def test_onnx_gives_what_the_members_of_an_ensemble_say_together(loss, rng, runtime):
    x = rng.normal(size=(60, 3))
    regression = loss == "mean_squared_error"
    y = 100 + 20 * x[:, :2] if regression else (x[:, 0] > 0).astype(int)
    task, classes = ("regression", ()) if regression else ("classification", ("n", "y"))
    model = trained(Dataset(x, y, x, y, task, classes, (3,), "plane"), ENSEMBLE, loss=loss)

    said = run_onnx(model, x, runtime)

    if regression:
        np.testing.assert_allclose(said["predictions"], model.predict(x), rtol=1e-5)
    else:
        np.testing.assert_allclose(said["probabilities"], model.predict_probabilities(x), atol=1e-5)


@pytest.mark.parametrize("columns", [(), (Column("a"), Column("c", "categorical", ("x", "y")), Column("b"))])
def test_onnx_bins_numbers_and_says_which_were_missing(columns, rng, runtime):
    x = np.column_stack([rng.normal(size=60), rng.integers(0, 2, 60), 1.7e9 + rng.integers(0, 900, 60)])
    if columns:
        x[rng.random(x.shape) < 0.2] = np.nan
    y = np.arange(60) % 2
    data = Dataset(x, y, x, y, "classification", ("n", "y"), (3,), "t", columns)
    model = trained(data, ENSEMBLE, preprocessing="piecewise_linear")

    said = run_onnx(model, x, runtime)

    asked = x if columns else x.astype(np.float32)
    np.testing.assert_allclose(said["probabilities"], model.predict_probabilities(asked), atol=1e-5)


@pytest.mark.parametrize("preprocessing", ["standardize", "piecewise_linear"])
def test_onnx_knows_the_calendar(preprocessing, rng, runtime):
    columns = (Column("when", "date"), Column("n"), Column("then", "date"), Column("never", "date"))
    moments = np.concatenate([rng.uniform(-6e10, 2.5e11, 400), 86_400 * rng.integers(-700_000, 2_900_000, 400)])
    x = np.column_stack([moments, rng.normal(size=800), rng.permutation(moments), np.full(800, 1.4e9)])
    x[rng.random(x.shape) < 0.1] = np.nan
    y = np.arange(800) % 2
    data = Dataset(x, y, x, y, "classification", ("n", "y"), (4,), "days", columns)
    model = trained(data, DENSE, preprocessing=preprocessing)

    said = run_onnx(model, x, runtime)

    np.testing.assert_allclose(said["probabilities"], model.predict_probabilities(x), atol=1e-5)


def test_onnx_encodes_categories_and_fills_in_what_is_missing(rng, runtime):
    columns = (Column("age"), Column("city", "categorical", ("Oslo", "Paris", "Rome")), Column("income"))
    x = np.column_stack([rng.uniform(18, 80, 60), rng.integers(0, 3, 60), rng.normal(1000, 300, 60)])
    x[rng.random(x.shape) < 0.2] = np.nan
    data = Dataset(x, np.arange(60) % 2, x, np.arange(60) % 2, "classification", ("n", "y"), (3,), "survey", columns)
    model = trained(data, DENSE)

    said = run_onnx(model, x, runtime)

    np.testing.assert_allclose(said["probabilities"], model.predict_probabilities(x), atol=1e-5)


@pytest.mark.parametrize("kind", ["scale", "standardize"])
def test_onnx_takes_the_shift_off_as_exactly_as_the_model_does(kind, rng, runtime):
    """Seconds since 1970 that lie within minutes of each other: float32 has one number for each two of them."""
    x = np.column_stack([1.7e9 + 128 * rng.integers(-5, 5, 60), rng.normal(size=60)])
    columns = (Column("time"), Column("other"))
    for of in ((), columns):
        data = Dataset(x, np.arange(60) % 2, x, np.arange(60) % 2, "classification", ("n", "y"), (2,), "times", of)
        model = trained(data, DENSE, preprocessing=kind)

        said = run_onnx(model, x, runtime)

        np.testing.assert_allclose(
            said["probabilities"], model.predict_probabilities(x if of else x.astype(np.float32)), atol=1e-5
        )


def test_onnx_tells_milliseconds_apart_that_are_one_number_in_float32(runtime):
    x = 1.7e12 + 1000.0 * np.arange(100)[:, None]
    y = (np.arange(100) >= 50).astype(int)
    model = trained(Dataset(x, y, x, y, "classification", ("early", "late"), (1,), "times", (Column("t"),)), DENSE)

    said = run_onnx(model, x, runtime)

    np.testing.assert_allclose(said["probabilities"], model.predict_probabilities(x), atol=1e-5)
    assert len(np.unique(x.astype(np.float32))) < 3
    assert said["probabilities"][0, 1] < said["probabilities"][99, 1]


@pytest.mark.parametrize("channels", [(), (2,)])
def test_onnx_deslants_images(channels, mnist, runtime):
    def part(x):
        return np.repeat(x, 2, axis=1) if channels else x

    x, y = part(mnist.x_train[:200]), mnist.y_train[:200]
    data = Dataset(x, y, x[:0], y[:0], "classification", mnist.classes, (28, 28, *channels), "digits")
    model = trained(data, DENSE, preprocessing="deslant")
    images = part(mnist.x_test[:50])

    said = run_onnx(model, images, runtime)

    np.testing.assert_allclose(said["probabilities"], model.predict_probabilities(images), atol=1e-5)

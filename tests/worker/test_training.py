import dataclasses
import math
from types import SimpleNamespace

import numpy as np
import pytest

import nn
from nn.preprocessing import PREPROCESSING
from nn.training.options import PARTS
from worker.jobspec import JobSpec, TrainingSpec
from worker.jobspec.compatibility import dataset_conflicts, unfit_teacher
from worker.runtime.blas_threads import limited_to
from worker.training.job_data import split_data
from worker.training.trainer import _final_metrics, build_model


@pytest.fixture
def dataset() -> nn.Dataset:
    return nn.datasets.load("mnist")


def plan(**fields: object) -> dict:
    return JobSpec.model_validate({"dataset": "mnist", **fields}).model_dump(mode="json")["training"]


def test_the_article_trains_on_59500_of_all_images_and_has_no_test_set(dataset: nn.Dataset) -> None:
    samples = split_data(dataset, plan(preset="article"), np.random.default_rng(0))

    assert len(samples.x) == len(samples.y) == 59_500
    assert samples.validation is not None
    assert len(samples.validation[0]) == 10_500
    assert samples.test is None


def test_training_never_sees_the_test_set(dataset: nn.Dataset) -> None:
    samples = split_data(dataset, plan(), np.random.default_rng(0))

    assert samples.test is not None
    assert samples.validation is not None
    assert len(samples.x) + len(samples.validation[0]) == 60_000
    np.testing.assert_array_equal(samples.test[0], dataset.x_test)


def test_without_a_split_all_is_trained_on(dataset: nn.Dataset) -> None:
    samples = split_data(dataset, plan(training={"validation_split": 0}), np.random.default_rng(0))

    assert len(samples.x) == 60_000
    assert samples.validation is None


CONV = {"type": "conv2d", "filters": 2, "kernel": 3}


def refused_by_nn(spec: JobSpec, data: nn.Dataset) -> bool:
    config = spec.model_dump(mode="json")
    try:
        model = build_model(data, config, np.random.default_rng(0))
        if config["training"]["augmentation"]:
            nn.data.augmentation.augmentation_from(config["training"]["augmentation"], model.input_shape)
    except nn.SpecError:
        return True
    return False


@pytest.mark.parametrize(
    "asked",
    [
        {},
        *({"training": {"loss": name}} for name in nn.LOSSES),
        *({"training": {"loss": {"name": "cross_entropy", "class_weights": [1.0] * n}}} for n in (2, 3)),
        *({"training": {"augmentation": {"shift": shift}}} for shift in (0.0, 7.0, 8.0)),
        *({"model": {"preprocessing": name}} for name in PREPROCESSING),
        *(
            {"model": {"layers": [layer]}}
            for layer in (
                {"type": "conv2d", "filters": 2, "kernel": 2},
                {"type": "max_pool2d"},
                {"type": "average_pool2d"},
                {"type": "flatten"},
                {"type": "batch_norm"},
                {"type": "dense", "units": 3},
            )
        ),
        *(
            {"model": {"layers": layers}}
            for layers in (
                [CONV | {"kernel": 8}],
                [CONV | {"kernel": 9}],
                [CONV | {"kernel": 9, "padding": 1}],
                [CONV, {"type": "max_pool2d", "size": 6}],
                [CONV, {"type": "max_pool2d", "size": 7}],
                [{"type": "max_pool2d"}, CONV | {"kernel": 4}],
                [{"type": "max_pool2d"}, CONV | {"kernel": 5}],
                [CONV | {"stride": 3}, {"type": "relu"}, CONV | {"kernel": 2}],
                [CONV | {"stride": 3}, CONV],
                [{"type": "average_pool2d", "size": 3}] * 2,
                [CONV, {"type": "dense", "units": 3}],
                [CONV, {"type": "batch_norm"}, {"type": "flatten"}, {"type": "dense", "units": 3}],
                [{"type": "flatten"}, CONV],
                [CONV, {"type": "flatten"}, {"type": "max_pool2d"}],
                [{"type": "dense", "units": 9}, {"type": "flatten"}],
            )
        ),
    ],
    ids=str,
)
@pytest.mark.parametrize("input_shape", [(3,), (8, 9), (8, 9, 3)])
@pytest.mark.parametrize("classes", [0, 2, 3])
def test_a_job_is_refused_at_once_for_what_nn_would_refuse_of_its_data(
    asked: dict, input_shape: tuple, classes: int
) -> None:
    task = "classification" if classes else "regression"
    x = np.random.default_rng(0).integers(0, 255, (6, math.prod(input_shape))).astype(np.uint8)
    y = np.arange(6) % classes if classes else np.linspace(0, 1, 6)[:, None]
    data = nn.Dataset(x, y, x[:0], y[:0], task, tuple("abc"[:classes]), input_shape, "d")
    spec = JobSpec.model_validate({"dataset": "d", **asked})

    told = list(dataset_conflicts(spec, task=task, classes=classes, input_shape=input_shape))

    assert bool(told) == refused_by_nn(spec, data)


def test_everything_that_a_plan_says_of_the_training_reaches_it() -> None:
    elsewhere = {"validation_split", "samples", "teacher", "class_weights"}  # they say what the training is given

    assert set(TrainingSpec.model_fields) - elsewhere == {*PARTS, *nn.TrainingOptions.options}


@pytest.mark.parametrize(
    ("loss", "classes"),
    [
        *((None, classes) for classes in ((), ("a", "b"), ("b", "a"), ("a", "b", "c"))),
        ("mean_squared_error", ("a", "b")),
        ("binary_cross_entropy", ("a", "b")),
    ],
)
@pytest.mark.parametrize("input_shape", [(12,), (3, 4), (13,)])
def test_a_teacher_is_refused_at_once_where_nn_would_refuse_it(
    loss: str | None, classes: tuple, input_shape: tuple
) -> None:
    rng = np.random.default_rng(0)
    task = "classification" if classes else "regression"
    model = nn.Model.build((input_shape, task, classes), loss=loss, rng=rng)
    student = nn.Model.build(((3, 4), "classification", ("a", "b")), rng=rng)
    x, y = np.zeros((2, 12)), np.arange(2)

    told = list(
        unfit_teacher([model.architecture], task="classification", classes=("a", "b"), input_shape=student.input_shape)
    )

    fits = True
    try:
        nn.fit(student, x, y, nn.TrainingOptions(epochs=1), teacher=nn.Teacher(model), rng=rng)
    except nn.SpecError:
        fits = False
    assert fits == (not told)
    assert fits == (classes == ("a", "b") and input_shape != (13,) and loss != "binary_cross_entropy")


def test_only_classifiers_can_be_taught() -> None:
    architecture = {"output": "softmax", "classes": ["a", "b"], "input_shape": [3]}

    [(pointer, said)] = unfit_teacher([architecture], task="regression", classes=(), input_shape=(3,))

    assert pointer == "#/training/teacher"
    assert "only classifiers can be taught" in said


@pytest.fixture
def plane() -> nn.Dataset:
    """A regression: y follows from two of three numbers."""
    rng = np.random.default_rng(3)
    x = rng.normal(size=(400, 3))
    y = 1000 + 50 * (2 * x[:, 0] - x[:, 2])
    return nn.Dataset(x[:300], y[:300], x[300:], y[300:], "regression", (), (3,), "plane")


REGRESSIONS = [None, "mean_squared_error", "mean_absolute_error", "huber", {"name": "huber", "delta": 0.5}]
WEIGHTED = {"name": "cross_entropy", "label_smoothing": 0.1, "class_weights": [1.0] * 10}
CLASSIFICATIONS = [None, "cross_entropy", "mean_squared_error", WEIGHTED]


def trained(dataset: nn.Dataset, **fields: object) -> nn.Model:
    """What a worker does with a spec, without a job around it."""
    config = JobSpec.model_validate({"dataset": "mnist", "seed": 1, **fields}).model_dump(mode="json")
    dividing, initialising, training = np.random.default_rng(config["seed"]).spawn(3)
    samples = split_data(dataset, config["training"], dividing)
    model = build_model(dataset, config, initialising)
    with limited_to(1):
        nn.fit(
            model,
            samples.x,
            samples.y,
            nn.TrainingOptions.of(config["training"]),
            validation=samples.validation,
            rng=training,
        )
    return model


@pytest.mark.parametrize("loss", REGRESSIONS)
def test_a_spec_can_train_a_regression(plane: nn.Dataset, loss: object) -> None:
    model = trained(plane, model={"hidden_layers": [16]}, training={"loss": loss, "epochs": 40, "batch_size": 32})

    assert model.evaluate(plane.x_test, plane.y_test)["r2"] > 0.9


def test_a_regression_for_which_no_optimizer_is_said_learns() -> None:
    rng = np.random.default_rng(4)
    x = rng.random((6000, 4))
    y = (10 * np.sin(np.pi * x[:, 0] * x[:, 1]) + 20 * (x[:, 2] - 0.5) ** 2)[:, None]
    bumps = nn.Dataset(x[:5000], y[:5000], x[5000:], y[5000:], "regression", (), (4,), "bumps")
    job = JobSpec(dataset="bumps", seed=1).with_task_defaults("regression")

    model = trained(bumps, training=job.model_dump(mode="json")["training"])

    assert model.evaluate(bumps.x_test, bumps.y_test)["r2"] > 0.9


@pytest.fixture(scope="module")
def few() -> nn.Dataset:
    whole = nn.datasets.load("mnist")
    return dataclasses.replace(whole, x_train=whole.x_train[:2000], y_train=whole.y_train[:2000])


@pytest.mark.parametrize("loss", CLASSIFICATIONS)
def test_a_spec_can_train_a_classification(few: nn.Dataset, loss: object) -> None:
    model = trained(few, model={"hidden_layers": [32]}, training={"loss": loss, "epochs": 5, "batch_size": 32})

    assert model.evaluate(few.x_test[:1000], few.y_test[:1000])["accuracy"] > 0.7


def test_a_spec_can_train_a_convolutional_network_with_augmentation(few: nn.Dataset) -> None:
    layers = [
        {"type": "conv2d", "filters": 6, "kernel": 5},
        {"type": "batch_norm"},
        {"type": "relu"},
        {"type": "max_pool2d"},
        {"type": "conv2d", "filters": 12, "kernel": 5},
        {"type": "relu"},
        {"type": "max_pool2d"},
        {"type": "flatten"},
        {"type": "dense", "units": 32},
        {"type": "silu"},
        {"type": "dropout", "rate": 0.1},
    ]

    model = trained(
        few,
        model={"layers": layers},
        training={
            "epochs": 3,
            "batch_size": 32,
            "optimizer": {"name": "adam", "learning_rate": 0.005},
            "augmentation": {"shift": 1.0, "rotate": 10.0},
        },
    )

    assert model.evaluate(few.x_test[:1000], few.y_test[:1000])["accuracy"] > 0.7


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"model": {"layers": [{"type": "max_pool2d", "size": 29}]}}, "at most the image, 28×28, got 29"),
        ({"model": {"layers": [{"type": "conv2d", "filters": 2, "kernel": 29}]}}, "got 29"),
        ({"training": {"loss": "huber"}}, "expected one for classification"),
        ({"training": {"loss": "binary_cross_entropy"}}, "expected 2 classes, got 10"),
        ({"training": {"loss": {"name": "cross_entropy", "class_weights": [1.0, 2.0]}}}, "10 classes, got 2"),
        ({"training": {"augmentation": {"shift": 28.0}}}, "augmentation shift"),
    ],
)
def test_what_does_not_fit_the_data_is_refused_before_training(few: nn.Dataset, fields: dict, said: str) -> None:
    with pytest.raises(nn.SpecError, match=said):
        trained(few, **fields)


def test_the_metrics_of_a_job_that_stopped_early_are_those_of_the_weights_that_are_kept(few: nn.Dataset) -> None:
    config = JobSpec.model_validate(
        {
            "dataset": "mnist",
            "model": {"hidden_layers": [64]},
            "training": {"epochs": 60, "batch_size": 16, "early_stopping": {"patience": 6}},
        }
    ).model_dump(mode="json")
    samples = split_data(few, config["training"], np.random.default_rng(0))
    model = build_model(few, config, np.random.default_rng(0))
    with limited_to(1):
        history = nn.fit(
            model,
            samples.x,
            samples.y,
            nn.TrainingOptions.of(config["training"]),
            validation=samples.validation,
            rng=np.random.default_rng(0),
        )
    best, last = history.epochs[history.best_epoch - 1], history.epochs[-1]
    own = ("train_loss", "train_accuracy", "validation_loss", "validation_accuracy")
    reported = {"train_loss": last.train_loss, "validation_loss": last.validation_loss, "learning_rate": 0.1}

    def told(epoch: int) -> dict:
        return {name: getattr(history.epochs[epoch - 1], name) for name in own} | {"learning_rate": 0.2}

    metrics = _final_metrics(
        model, samples, history, SimpleNamespace(metrics=reported), epochs=9, seconds_before=0, told=told
    )

    assert best.epoch < last.epoch
    assert [metrics[name] for name in own] == [getattr(best, name) for name in own]
    assert metrics["best_epoch"] == best.epoch
    assert metrics["learning_rate"] == 0.1

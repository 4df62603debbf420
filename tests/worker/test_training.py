import typing

import numpy as np
import pytest

import nn
from worker.spec import JobSpec, ModelSpec, TrainingSpec
from worker.spec.optimizers import Optimizer
from worker.spec.schedules import Schedule
from worker.training import divide


@pytest.fixture
def dataset() -> nn.Dataset:
    return nn.datasets.load("mnist")


def plan(**fields: object) -> dict:
    return JobSpec.model_validate({"dataset": "mnist", **fields}).model_dump(mode="json")["training"]


def test_the_article_trains_on_59500_of_all_images_and_has_no_test_set(dataset: nn.Dataset) -> None:
    samples = divide(dataset, plan(preset="article"), np.random.default_rng(0))

    assert len(samples.x) == len(samples.y) == 59_500
    assert samples.validation is not None
    assert len(samples.validation[0]) == 10_500
    assert samples.test is None


def test_training_never_sees_the_test_set(dataset: nn.Dataset) -> None:
    samples = divide(dataset, plan(), np.random.default_rng(0))

    assert samples.test is not None
    assert samples.validation is not None
    assert len(samples.x) + len(samples.validation[0]) == 60_000
    np.testing.assert_array_equal(samples.test[0], dataset.x_test)


def test_without_a_split_all_is_trained_on(dataset: nn.Dataset) -> None:
    samples = divide(dataset, plan(training={"validation_split": 0}), np.random.default_rng(0))

    assert len(samples.x) == 60_000
    assert samples.validation is None


@pytest.mark.parametrize(("field", "table"), [("activation", nn.ACTIVATIONS), ("initializer", nn.INITIALIZERS)])
def test_the_names_that_a_spec_takes_are_those_of_nn(field: str, table: dict) -> None:
    assert set(typing.get_args(ModelSpec.model_fields[field].annotation)) == set(table)


def test_every_loss_that_a_spec_takes_can_train_ten_classes() -> None:
    for loss in typing.get_args(TrainingSpec.model_fields["loss"].annotation):
        nn.Model.build(((4,), "classification", "0123456789"), loss=loss, rng=np.random.default_rng(0))


@pytest.mark.parametrize(("spec", "table"), [(Schedule, nn.SCHEDULES), (Optimizer, nn.OPTIMIZERS)])
def test_the_kinds_that_a_spec_takes_and_their_defaults_are_those_of_nn(spec: object, table: dict) -> None:
    union, _ = typing.get_args(spec)
    kinds = {typing.get_args(kind.model_fields["name"].annotation)[0]: kind for kind in typing.get_args(union)}

    assert set(kinds) == set(table)
    for name, kind in kinds.items():
        ours = kind(name=name).model_dump(exclude={"name"})
        theirs = {option: getattr(table[name](), option) for option in table[name].options}
        if name == "sgd":  # by itself the optimizer is plain; a job's default is the article's successor
            theirs["momentum"] = 0.9
        assert ours == theirs

"""Classes that count more or less than their rows, from a job's request to its loss."""

import numpy as np
import pytest
from pydantic import ValidationError

from worker.jobspec import JobSpec
from worker.jobspec.compatibility import unknown_classes
from worker.training.class_weights import balanced, with_class_weights

Y = np.array([0, 0, 0, 0, 0, 0, 1, 1, 3, 3])
CLASSES = ("a", "b", "none", "d")


def spec_of(**training: object) -> JobSpec:
    return JobSpec.model_validate({"dataset": "ds_1", "training": training})


def plan_of(**training: object) -> dict:
    return spec_of(**training).model_dump(mode="json")["training"]


def test_balanced_classes_count_alike_and_all_rows_as_before() -> None:
    weights = balanced(Y, 4)

    assert weights == [10 / 24, 10 / 8, 1.0, 10 / 8]
    np.testing.assert_allclose([np.sum(np.array(weights)[Y[k == Y]]) for k in (0, 1, 3)], 2.5)


def test_weights_go_to_the_loss_by_the_order_of_the_classes() -> None:
    plan = plan_of(class_weights={"d": 3, "a": 0.5}, loss={"name": "cross_entropy", "label_smoothing": 0.1})

    loss = with_class_weights(plan, Y, CLASSES)["loss"]

    assert loss == {"name": "cross_entropy", "label_smoothing": 0.1, "class_weights": [0.5, 1.0, 1.0, 3.0]}


@pytest.mark.parametrize("loss", [None, "cross_entropy"])
def test_the_loss_of_balanced_classes_is_cross_entropy(loss: str | None) -> None:
    plan = plan_of(class_weights="balanced", loss=loss)

    assert with_class_weights(plan, Y, CLASSES)["loss"] == {"name": "cross_entropy", "class_weights": balanced(Y, 4)}


def test_without_weights_and_in_a_job_of_an_earlier_version_nothing_changes() -> None:
    plan = plan_of()
    earlier = {name: value for name, value in plan.items() if name != "class_weights"}

    assert with_class_weights(plan, Y, CLASSES) == plan
    assert with_class_weights(earlier, Y, CLASSES) == earlier


@pytest.mark.parametrize(
    ("training", "said"),
    [
        ({"class_weights": "fair"}, "Expected 'balanced', or numbers by the names of classes"),
        ({"class_weights": [1, 2]}, "Expected 'balanced', or numbers by the names of classes"),
        ({"class_weights": {}}, "at least 1"),
        ({"class_weights": {"a": 0}}, "greater than 0"),
        ({"class_weights": {"a": True}}, "valid number"),
        ({"class_weights": {"a": 1e7}}, "less than or equal to 1000000"),
        (
            {"class_weights": "balanced", "loss": "mean_squared_error"},
            "expected the loss 'cross_entropy' or null with it",
        ),
        ({"class_weights": "balanced", "loss": {"name": "cross_entropy", "class_weights": [1, 2]}}, "expected it once"),
        ({"class_weights": "balanced", "teacher": {"models": ["model_1"]}}, "expected null beside a teacher"),
    ],
)
def test_what_cannot_be_is_refused(training: dict, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        spec_of(**training)


def test_classes_are_those_of_the_data() -> None:
    def told(asked: object, task: str = "classification") -> list[tuple[str, str]]:
        return list(unknown_classes(spec_of(class_weights=asked), task=task, classes=CLASSES))

    assert told("balanced") == told({"a": 2, "d": 1.5}) == told(None) == told(None, "regression") == []
    expected = "expected classes of the data set ('a', 'b', 'none', 'd'), got 'c'"
    assert told({"a": 2, "c": 1}) == [("#/training/class_weights", expected)]
    [(_, said)] = told({f"c{number}": 1 for number in range(1000)})
    assert said.endswith("'c18', 'c19' …"), "one error, however many there are"
    [(pointer, said)] = told("balanced", "regression")
    assert pointer == "#/training/class_weights"
    assert "regression, which has no classes" in said

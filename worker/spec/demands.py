"""What a job asks of its data set. It is known before the job is queued, so nobody waits to be told.

The rules are those of `nn`, which the API must not import; a test holds the two equal. What only the training can tell,
such as whether a stack of convolutions leaves anything of an image, fails the job (`invalid_spec`).
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from worker.spec.job import JobSpec
from worker.spec.layers import Conv2D, Pooling
from worker.spec.losses import AnyLoss, CrossEntropy

LOSSES_FOR: Final = {
    "classification": ("binary_cross_entropy", "cross_entropy", "mean_squared_error"),
    "regression": ("huber", "mean_absolute_error", "mean_squared_error"),
}
"""The losses that can train a task."""


def unmet(spec: JobSpec, *, task: str, classes: int, input_shape: Sequence[int]) -> Iterator[tuple[str, str]]:
    """The fields that ask for other data, each as (JSON pointer, what was expected and what came)."""
    if spec.training.loss is not None:
        yield from _loss(spec.training.loss, task, classes)
    shape = "×".join(map(str, input_shape))
    images = len(input_shape) in {2, 3}
    augmentation = spec.training.augmentation
    if not images:
        detail = f"expected a data set of images for it, got one with rows of {shape} numbers"
        if spec.model.preprocessing == "deslant":
            yield "#/model/preprocessing", detail
        if augmentation is not None:
            yield "#/training/augmentation", detail
        for place, layer in enumerate(spec.model.layers or ()):
            if isinstance(layer, Conv2D | Pooling):
                yield f"#/model/layers/{place}", detail
    elif augmentation is not None and augmentation.shift >= min(input_shape[:2]):
        detail = f"expected fewer pixels than the images, which are {shape}, got {augmentation.shift:g}"
        yield "#/training/augmentation/shift", detail


def unfit_teacher(
    architectures: Sequence[Mapping[str, Any]], *, task: str, classes: Sequence[str], input_shape: Sequence[int]
) -> Iterator[tuple[str, str]]:
    """Why models of these architectures cannot teach one of the data, as `unmet` says it."""
    if task != "classification":
        yield "#/training/teacher", f"expected null for {task}: only classifiers can be taught"
        return
    size = math.prod(input_shape)
    for place, one in enumerate(architectures):
        pointer = f"#/training/teacher/models/{place}"
        if one["output"] != "softmax":
            yield pointer, f"expected a classifier with softmax outputs, got one with {one['output']} outputs"
        elif list(one["classes"]) != list(classes):
            yield pointer, f"expected a model of the data set's {len(classes)} classes, got one of others"
        elif (came := math.prod(one["input_shape"])) != size:
            yield pointer, f"expected a model that takes rows of {size} numbers, got one for {came}"


def _loss(loss: AnyLoss, task: str, classes: int) -> Iterator[tuple[str, str]]:
    fitting = LOSSES_FOR[task]
    if loss.name not in fitting:
        yield "#/training/loss", f"expected one for {task} ({', '.join(fitting)}), got {loss.name!r}"
    elif loss.name == "binary_cross_entropy" and classes != 2:
        yield "#/training/loss", f"expected cross_entropy for {classes} classes; binary_cross_entropy is for two"
    elif isinstance(loss, CrossEntropy) and loss.class_weights is not None and len(loss.class_weights) != classes:
        detail = f"expected one number for each of {classes} classes, got {len(loss.class_weights)}"
        yield "#/training/loss/class_weights", detail

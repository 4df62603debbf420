"""What a job asks of its data set. It is known before the job is queued, so nobody waits to be told.

The rules are those of `nn`, which the API must not import; a test holds the two equal. What only the training can tell
fails the job (`invalid_spec`).
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from worker.jobspec.job import JobSpec
from worker.jobspec.layers import Conv2D, Dense, Flatten, Layer, Pooling
from worker.jobspec.losses import AnyLoss, CrossEntropy

LOSSES_FOR: Final = {
    "classification": ("binary_cross_entropy", "cross_entropy", "mean_squared_error"),
    "regression": ("huber", "mean_absolute_error", "mean_squared_error"),
}
"""The losses that can train a task."""


def dataset_conflicts(
    spec: JobSpec, *, task: str, classes: int, input_shape: Sequence[int]
) -> Iterator[tuple[str, str]]:
    """The fields that ask for other data, each as (JSON pointer, what was expected and what came)."""
    if spec.training.loss is not None:
        yield from _loss(spec.training.loss, task, classes)
    shape = "×".join(map(str, input_shape))
    images = len(input_shape) in {2, 3}
    layers = spec.model.layers or ()
    augmentation = spec.training.augmentation
    if not images:
        detail = f"expected a data set of images for it, got one with rows of {shape} numbers"
        if spec.model.preprocessing == "deslant":
            yield "#/model/preprocessing", detail
        if augmentation is not None:
            yield "#/training/augmentation", detail
        for place, layer in enumerate(layers):
            if isinstance(layer, Conv2D | Pooling):
                yield f"#/model/layers/{place}", detail
        return
    if augmentation is not None and augmentation.shift >= min(input_shape[:2]):
        detail = f"expected fewer pixels than the images, which are {shape}, got {augmentation.shift:g}"
        yield "#/training/augmentation/shift", detail
    if any(isinstance(layer, Conv2D | Pooling) for layer in layers):
        yield from _way_through(layers, input_shape[:2])


def unfit_teacher(
    architectures: Sequence[Mapping[str, Any]],
    *,
    task: str,
    classes: Sequence[str],
    input_shape: Sequence[int],
    columns: Sequence[Mapping[str, Any]] = (),
) -> Iterator[tuple[str, str]]:
    """Why models of these architectures cannot teach one of the data, as `dataset_conflicts` says it.

    `columns` are those of a table, as its record describes them: the first ones, with their first categories.
    """
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
        elif not _is_of(columns, one):
            yield pointer, "expected a model of the data set's columns and categories, got one of others"


def _is_of(columns: Sequence[Mapping[str, Any]], architecture: Mapping[str, Any]) -> bool:
    """Whether the model was made of such columns, as far as they are described."""
    own = architecture.get("preprocessing", {}).get("columns", [])
    if bool(own) != bool(columns):
        return False
    for column, wanted in zip(own, columns, strict=False):
        categories, known = column.get("categories", []), wanted.get("categories", [])
        if (column["name"], column["kind"]) != (wanted["name"], wanted["kind"]):
            return False
        if len(categories) != wanted.get("category_count", 0) or categories[: len(known)] != known:
            return False
    return True


def _way_through(layers: Sequence[Layer], image: Sequence[int]) -> Iterator[tuple[str, str]]:
    """The first layer that cannot take what the one before makes of the image, (height, width)."""
    sides: Sequence[int] | None = image
    for place, layer in enumerate(layers):
        pointer = f"#/model/layers/{place}"
        if isinstance(layer, Flatten):
            sides = None
        elif isinstance(layer, Conv2D | Pooling):
            if sides is None:
                yield pointer, f"expected {layer.type} before flatten: it takes images, and gets rows of numbers"
                return
            field, side, stride, padding = _window(layer)
            height, width = (length + 2 * padding for length in sides)
            if side > min(height, width):
                left = f"{height}×{width}"
                yield f"{pointer}/{field}", f"expected at most what is left of the image there, {left}, got {side}"
                return
            sides = [(length - side) // stride + 1 for length in (height, width)]
        elif isinstance(layer, Dense) and sides is not None:
            yield pointer, "expected flatten before dense: it takes rows of numbers, and gets images"
            return


def _window(layer: Conv2D | Pooling) -> tuple[str, int, int, int]:
    """What moves over the image: the field that has its side, the side, the step, and the zeros around the image."""
    if isinstance(layer, Conv2D):
        return "kernel", layer.kernel, layer.stride, layer.padding
    return "size", layer.size, layer.size, 0


def _loss(loss: AnyLoss, task: str, classes: int) -> Iterator[tuple[str, str]]:
    fitting = LOSSES_FOR[task]
    if loss.name not in fitting:
        yield "#/training/loss", f"expected one for {task} ({', '.join(fitting)}), got {loss.name!r}"
    elif loss.name == "binary_cross_entropy" and classes != 2:
        yield "#/training/loss", f"expected cross_entropy for {classes} classes; binary_cross_entropy is for two"
    elif isinstance(loss, CrossEntropy) and loss.class_weights is not None and len(loss.class_weights) != classes:
        detail = f"expected one number for each of {classes} classes, got {len(loss.class_weights)}"
        yield "#/training/loss/class_weights", detail

"""Whether a job fits its data set. It is known before the job is queued, so nobody waits to be told.

The rules stand beside what they are about, in `nn`, and come here with the catalogue. What only the training can tell
fails the job (`invalid_spec`).
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from worker.jobspec.catalogue import CATALOGUE, Row
from worker.jobspec.job import JobSpec

SHOWN: Final = 20
"""Classes that a message names."""


def dataset_conflicts(
    spec: JobSpec, *, task: str, classes: int, input_shape: Sequence[int]
) -> Iterator[tuple[str, str]]:
    """The fields that ask for other data, each as (JSON pointer, what was expected and what came)."""
    if spec.training.loss is not None:
        yield from _loss(spec.training.loss, task, classes)
    shape = "×".join(map(str, input_shape))
    layers = spec.model.layers or ()
    augmentation, preprocessing = spec.training.augmentation, spec.model.preprocessing
    needs = None if preprocessing is None else CATALOGUE["preprocessing"][preprocessing].get("needs")
    if len(input_shape) not in {2, 3}:
        detail = f"expected a data set of images for it, got one with rows of {shape} numbers"
        if needs == "images":
            yield "#/model/preprocessing", detail
        if augmentation is not None:
            yield "#/training/augmentation", detail
        for place, layer in enumerate(layers):
            if _rules(layer).get("takes") == "images":
                yield f"#/model/layers/{place}", detail
        return
    if needs == "rows":
        yield "#/model/preprocessing", f"expected a table or rows of numbers for it, got images of {shape}"
    if augmentation is not None and augmentation.shift >= min(input_shape[:2]):
        detail = f"expected fewer pixels than the images, which are {shape}, got {augmentation.shift:g}"
        yield "#/training/augmentation/shift", detail
    if any(_rules(layer).get("takes") == "images" for layer in layers):
        yield from _way_through(layers, input_shape[:2])


def unknown_classes(spec: JobSpec, *, task: str, classes: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Why a data set does not have the classes that are weighted, as `dataset_conflicts` says it."""
    asked = spec.training.class_weights
    if asked is None:
        return
    if task != "classification":
        yield "#/training/class_weights", f"expected null for {task}, which has no classes"
    elif isinstance(asked, Mapping):
        known = set(classes)
        if unknown := [name for name in asked if name not in known]:
            yield (
                "#/training/class_weights",
                f"expected classes of the data set ({_some(classes)}), got {_some(unknown)}",
            )


def _some(names: Sequence[str]) -> str:
    return ", ".join(map(repr, names[:SHOWN])) + (" …" if len(names) > SHOWN else "")


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


def _rules(layer: Row) -> Mapping[str, Any]:
    """What the catalogue says of a layer; of an activation, nothing."""
    rules: Mapping[str, Any] = CATALOGUE["layers"].get(layer.type, {})
    return rules


def _way_through(layers: Sequence[Row], image: Sequence[int]) -> Iterator[tuple[str, str]]:
    """The first layer that cannot take what the one before makes of the image, (height, width)."""
    sides: Sequence[int] | None = image
    for place, layer in enumerate(layers):
        pointer, rules = f"#/model/layers/{place}", _rules(layer)
        if rules.get("takes") == "images" and sides is None:
            yield pointer, f"expected {layer.type} before flatten: it takes images, and gets rows of numbers"
            return
        if rules.get("takes") == "rows" and sides is not None:
            yield pointer, f"expected flatten before {layer.type}: it takes rows of numbers, and gets images"
            return
        if rules.get("makes") == "rows":
            sides = None
        if sides is not None and "window" in rules:
            window = {name: getattr(layer, field) for name, field in rules["window"].items()}
            side, stride, padding = window["side"], window["stride"], window.get("padding", 0)
            height, width = (length + 2 * padding for length in sides)
            if side > min(height, width):
                detail = f"expected at most what is left of the image there, {height}×{width}, got {side}"
                yield f"{pointer}/{rules['window']['side']}", detail
                return
            sides = [(length - side) // stride + 1 for length in (height, width)]


def _loss(loss: Row, task: str, classes: int) -> Iterator[tuple[str, str]]:
    losses = CATALOGUE["losses"]
    fitting = [name for name, row in losses.items() if task in row["tasks"]]
    if loss.name not in fitting:
        yield "#/training/loss", f"expected one for {task} ({', '.join(fitting)}), got {loss.name!r}"
    elif losses[loss.name].get("classes", classes) != classes:
        others = ", ".join(name for name in fitting if losses[name].get("classes", classes) == classes)
        yield "#/training/loss", f"expected one for {classes} classes ({others}), got {loss.name!r}"
    for name, option in loss.options.items():
        value = getattr(loss, name)
        if option.get("one_per_class") and value is not None and len(value) != classes:
            yield f"#/training/loss/{name}", f"expected one number for each of {classes} classes, got {len(value)}"

"""The rows of a job: its data set loaded, and divided as its `training` says."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

import nn
from nn.arrays import AnyArray
from nn.data import Dataset
from worker.errors import DatasetNotFoundError, NotFoundError
from worker.ingest.stored import load_dataset
from worker.jobspec import BUILT_IN_DATASETS
from worker.store import Store

Rows = tuple[AnyArray, AnyArray]


@dataclass(frozen=True)
class Samples:
    """The rows of a data set that a job trains on, those that it validates with, and those that it tests with."""

    x: AnyArray
    y: AnyArray
    validation: Rows | None
    test: Rows | None


def split_data(dataset: Dataset, plan: Mapping[str, Any], rng: np.random.Generator) -> Samples:
    """Divide a data set as the job's `training` says. A test set is there only if training never sees it."""
    x, y = dataset.x_train, dataset.y_train
    test: Rows | None = (dataset.x_test, dataset.y_test) if len(dataset.x_test) else None
    if plan["samples"] == "all":
        x, y = np.concatenate([x, dataset.x_test]), np.concatenate([y, dataset.y_test])
        test = None
    if plan["validation_split"] == 0:
        return Samples(x, y, None, test)
    kept, held_out = nn.split(y, plan["validation_split"], rng, stratify=dataset.task == "classification")
    return Samples(x[kept], y[kept], (x[held_out], y[held_out]), test)


def generators(seed: int) -> list[np.random.Generator]:
    """Those of a job: one divides the rows, one draws the first weights, one is the training's own."""
    return np.random.default_rng(seed).spawn(3)


class Datasets:
    """Data sets by name or ID; the last one stays in memory for the next job."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._dataset: Dataset | None = None

    def load(self, name: str) -> Dataset:
        """The data set.

        Raises:
            DatasetNotFoundError: there is none of this name, or it is not ready.

        """
        if self._dataset is None or self._dataset.name != name:
            self._dataset = None  # two large ones need not be in memory together
            self._dataset = nn.datasets.load(name) if name in BUILT_IN_DATASETS else self._uploaded(name)
        return self._dataset

    def _uploaded(self, name: str) -> Dataset:
        try:
            blob = self._store.datasets.get(name).blob
        except NotFoundError as error:
            raise DatasetNotFoundError(str(error)) from None
        if blob is None:
            raise DatasetNotFoundError(f"the data set {name!r} is not ready")
        return load_dataset(self._store.blobs, blob, name)

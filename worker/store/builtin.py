"""Samples of the data sets that neurond ships, read straight from their IDX files: who shows them needs no NumPy."""

import gzip
import importlib.util
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Literal

Split = Literal["train", "test"]

IDX_IMAGES_HEADER: Final = 16
IDX_LABELS_HEADER: Final = 8


@dataclass(frozen=True)
class Sample:
    """One row of a data set with its label."""

    index: int
    x: list[Any]
    y: Any


@dataclass(frozen=True)
class ImageFiles:
    """Where a data set of images stands, and its shape."""

    folder: str
    images: dict[Split, str]
    labels: dict[Split, str]
    sizes: dict[Split, int]
    shape: tuple[int, int]
    classes: tuple[str, ...]
    task: Literal["classification"] = "classification"

    @property
    def pixels(self) -> int:
        """Numbers in one row."""
        return self.shape[0] * self.shape[1]

    @cached_property
    def class_counts(self) -> tuple[int, ...]:
        """Rows of each class, of all rows."""
        folder = _datasets_folder() / self.folder
        counts: Counter[int] = Counter()
        for split, size in self.sizes.items():
            counts.update(_read(folder / self.labels[split], IDX_LABELS_HEADER, size))
        return tuple(counts[label] for label in range(len(self.classes)))


IMAGE_DATASETS: Final = {
    "mnist": ImageFiles(
        folder="mnist",
        images={"train": "train-images-idx3-ubyte.gz", "test": "t10k-images-idx3-ubyte.gz"},
        labels={"train": "train-labels-idx1-ubyte.gz", "test": "t10k-labels-idx1-ubyte.gz"},
        sizes={"train": 60_000, "test": 10_000},
        shape=(28, 28),
        classes=tuple("0123456789"),
    )
}


def samples(name: str, split: Split, *, offset: int, limit: int) -> list[Sample]:
    """The samples of a data set from `offset` on, at most `limit`; fewer at its end."""
    files = IMAGE_DATASETS[name]
    count = max(0, min(limit, files.sizes[split] - offset))
    if not count:
        return []
    folder = _datasets_folder() / files.folder
    images = _read(folder / files.images[split], IDX_IMAGES_HEADER + offset * files.pixels, count * files.pixels)
    labels = _read(folder / files.labels[split], IDX_LABELS_HEADER + offset, count)
    return [
        Sample(offset + place, list(images[place * files.pixels : (place + 1) * files.pixels]), label)
        for place, label in enumerate(labels)
    ]


def _read(path: Path, start: int, size: int) -> bytes:
    with gzip.open(path) as file:
        file.seek(start)
        return file.read(size)


def _datasets_folder() -> Path:
    """Beside the code of `nn`, which is found here and not imported: it would bring NumPy along."""
    spec = importlib.util.find_spec("nn")
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError("the package nn is not installed")
    return Path(spec.submodule_search_locations[0]) / "datasets"

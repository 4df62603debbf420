"""What is fuzzed. A new target is one small file with `one(data: bytes)`, one row here, and a folder in the corpus.

`one` returns whatever the bytes are, and raises where a reader raised what it should not, or took what it should not.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

CORPUS: Final = Path(__file__).parents[3] / "tests" / "corpus"


@dataclass(frozen=True)
class Target:
    """A module with `one`, which is imported only where it is fuzzed: atheris instruments what it imports."""

    module: str
    title: str


TARGETS: Final = {
    "models": Target("benchmarks.fuzz.targets.models", "model files: load, save, load, predict"),
    "files": Target("benchmarks.fuzz.targets.files", "CSV, NPZ, IDX, gzip: read, prepare, describe"),
    "parquet": Target("benchmarks.fuzz.targets.parquet", "Parquet, each in a forked child with the product's limits"),
    "requests": Target("benchmarks.fuzz.targets.requests", "refusal at the door against gunicorn's parser"),
    "codecs": Target("benchmarks.fuzz.targets.codecs", "bodies of predictions: JSON, npy, CSV, Open Inference"),
    "pictures": Target("benchmarks.fuzz.targets.pictures", "PNG and JPEG"),
}

"""Real data, from packages that no one here wrote, from the command line alone: as good as scikit-learn's network.

Each set is uploaded, trained on and asked by `neurond` commands; scikit-learn's MLP learns the same rows, with the same
widths, and both answer for the same test part.
"""

import gzip
import json
import os
import pickletools
import shutil
import subprocess
import warnings
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from api.local.stack import Stack
from benchmarks.faults.service import NEUROND
from neurond import Client
from tests.support.needs import module

pytestmark = [pytest.mark.peers, pytest.mark.timeout(600)]

POINTS = 0.02
R2 = 0.05

Neurond = Callable[..., Any]


@pytest.fixture
def neurond(stack: Stack) -> Neurond:
    """A command, with its JSON."""

    def run(*arguments: object) -> Any:
        command = [*NEUROND, *map(str, arguments), "--json"]
        environment = os.environ | {"NEUROND_URL": stack.url}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


def rows_of(client: Client, dataset: str, split: str, most: int = 10**9) -> tuple[np.ndarray, np.ndarray]:
    """The rows of a part, as the service keeps them."""
    x, y = [], []
    while len(x) < most:
        found = client.samples(dataset, split=split, offset=len(x), limit=100)
        if not found:
            break
        x += [sample["x"] for sample in found]
        y += [sample["y"] for sample in found]
    return np.array(x, np.float64), np.array(y)


def learned(network: Any, x: np.ndarray, y: np.ndarray) -> Any:
    """scikit-learn's network; that it could go on learning is no warning here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return network.fit(x, y)


@pytest.mark.parametrize("name", ["wine", "breast_cancer", "digits", "diabetes"])
def test_a_table_is_learned_as_well_as_by_scikit_learn(
    neurond: Neurond, client: Client, tmp_path: Path, name: str
) -> None:
    datasets = module("sklearn.datasets")
    neural, pipeline, scaling = (module(f"sklearn.{part}") for part in ("neural_network", "pipeline", "preprocessing"))
    bunch = getattr(datasets, f"load_{name}")()
    file = tmp_path / f"{name}.csv"
    header = ",".join([*map(str, bunch.feature_names), "target"])
    np.savetxt(
        file, np.column_stack([bunch.data, bunch.target]), delimiter=",", header=header, comments="", fmt="%.17g"
    )

    dataset = neurond("upload", file, "--test-split", 0.3)
    plan = {"--epochs": 100, "--batch-size": 32, "--optimizer": "adam", "--learning-rate": 0.001, "--seed": 1}
    job = neurond(
        "train",
        dataset["id"],
        "--hidden-layers",
        "64",
        *(word for pair in plan.items() for word in pair),
        "--set",
        "training.early_stopping.patience=10",
        "--set",
        "training.l2=0.0001",
    )
    x, y = rows_of(client, dataset["id"], "test")
    asked = tmp_path / "asked.csv"
    np.savetxt(asked, x, delimiter=",", header=",".join(map(str, bunch.feature_names)), comments="", fmt="%.17g")
    answer = neurond("predict", job["model_id"], asked)

    x_train, y_train = rows_of(client, dataset["id"], "train")
    kind = neural.MLPRegressor if name == "diabetes" else neural.MLPClassifier
    network = kind(hidden_layer_sizes=(64,), early_stopping=True, max_iter=1000, batch_size=32, random_state=1)
    theirs = learned(pipeline.make_pipeline(scaling.StandardScaler(), network), x_train, y_train).score(x, y)
    said = np.array(answer["predictions"])
    if name == "diabetes":
        ours, margin = 1 - float(np.square(y - said).sum() / np.square(y - y.mean()).sum()), R2
        assert abs(ours - job["metrics"]["test_r2"]) < 1e-5
    else:
        ours, margin = float(np.mean(said == y)), POINTS
        assert abs(ours - job["metrics"]["test_accuracy"]) < 1e-9
    print(f"{name}: neurond {ours:.4f}, scikit-learn {theirs:.4f}, {len(y)} test rows")
    assert ours >= theirs - margin


def idx(array: np.ndarray) -> bytes:
    """The array as an IDX file of bytes, gzipped."""
    head = bytes([0, 0, 8, array.ndim]) + b"".join(size.to_bytes(4, "big") for size in array.shape)
    return gzip.compress(head + array.astype(np.uint8).tobytes(), compresslevel=1)


def animals(folder: Path) -> list[Path]:
    """10,000 silhouettes of ten animals (package animal-mnist), as IDX.

    The package holds them as pickles. Nothing is unpickled: the one long string of bytes in each is the array.
    """
    data = files(module("animal_mnist")) / "data" / "Animal_MNIST"
    arrays = []
    for part, dtype, shape in (("data", np.uint8, (-1, 28, 28)), ("label", np.int64, (-1,))):
        packed = (data / f"animal_{part}_version_3.gz").read_bytes()
        longest = max(
            (given for _, given, _ in pickletools.genops(gzip.decompress(packed)) if isinstance(given, bytes)), key=len
        )
        arrays.append(np.frombuffer(longest, dtype).reshape(shape))
    order = np.random.default_rng(0).permutation(len(arrays[0]))
    x, y = (array[order] for array in arrays)
    return write(folder, x[:8000], y[:8000], x[8000:], y[8000:])


def digits(folder: Path) -> list[Path]:
    """MNIST, as its own four files."""
    source = files("nn.datasets.mnist")
    names = ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1")
    for name in names:
        with (folder / f"{name}.gz").open("wb") as copy, (source / f"{name}-ubyte.gz").open("rb") as original:
            shutil.copyfileobj(original, copy)
    return [folder / f"{name}.gz" for name in names]


def write(folder: Path, *arrays: np.ndarray) -> list[Path]:
    """Four IDX files."""
    paths = [folder / f"{name}.gz" for name in ("images", "labels", "test-images", "test-labels")]
    for path, array in zip(paths, arrays, strict=True):
        path.write_bytes(idx(array))
    return paths


@pytest.mark.parametrize("make", [digits, animals])
def test_images_are_learned_as_well_as_by_scikit_learn(
    neurond: Neurond, client: Client, tmp_path: Path, make: Callable[[Path], list[Path]]
) -> None:
    neural, idx_reader = module("sklearn.neural_network"), module("nn.data.readers.idx")
    images, labels, test_images, test_labels = make(tmp_path)

    dataset = neurond("upload", images, "--labels", labels, "--test-file", test_images, "--test-labels", test_labels)
    job = neurond("train", dataset["id"], "--hidden-layers", "128", "--epochs", "5", "--seed", "1")
    parts = [idx_reader.read_idx(path.read_bytes()) for path in (images, labels, test_images, test_labels)]
    x_train, y_train, x, y = (part.reshape(len(part), -1).squeeze() for part in parts)
    np.save(tmp_path / "asked.npy", x[:2000])
    answer = neurond("predict", job["model_id"], tmp_path / "asked.npy")

    network = neural.MLPClassifier(hidden_layer_sizes=(128,), max_iter=5, batch_size=128, solver="adam", random_state=1)
    theirs = learned(network, x_train / 255, y_train).score(x / 255, y)
    ours = job["metrics"]["test_accuracy"]
    print(f"{make.__name__}: neurond {ours:.4f}, scikit-learn {theirs:.4f}, {len(y)} test images")
    assert dataset["input_shape"] == [28, 28]
    assert dataset["rows"] == {"train": len(x_train), "test": len(x), "total": len(x_train) + len(x)}
    assert ours >= theirs - POINTS
    assert abs(np.mean(np.array(answer["predictions"]) == y[:2000]) - ours) < 0.03

"""The stored form of a data set (`worker.store.arrays`), written from NumPy arrays and read back into them."""

import hashlib
from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np

from nn.arrays import AnyArray
from nn.data import Column, Dataset
from worker.store.arrays import StoredArray, StoredDataset, header_of
from worker.store.blobs import Blobs
from worker.store.object_store import PIECE_BYTES

DTYPES: Final = {"U8": "<u1", "F32": "<f4", "F64": "<f8", "I64": "<i8"}
KINDS: Final = {np.dtype(dtype).str: kind for kind, dtype in DTYPES.items()}


def write_dataset(blobs: Blobs, path: str, dataset: Dataset) -> tuple[str, int]:
    """Write a data set; the same data gives the same bytes. Gives their SHA-256 and how many they are."""
    arrays = {
        "x_train": dataset.x_train,
        "y_train": _targets(dataset.y_train),
        "x_test": dataset.x_test,
        "y_test": _targets(dataset.y_test),
    }
    if dataset.rows_train is not None and dataset.rows_test is not None:
        arrays |= {"rows_train": dataset.rows_train, "rows_test": dataset.rows_test}
    facts = {
        "task": dataset.task,
        "classes": dataset.classes,
        "input_shape": dataset.input_shape,
        "columns": [column.config() for column in dataset.columns],
        "target": dataset.target,
        "left_out": dataset.left_out,
    }
    little = {name: np.ascontiguousarray(array, array.dtype.newbyteorder("<")) for name, array in arrays.items()}
    header = header_of({name: (KINDS[array.dtype.str], array.shape) for name, array in little.items()}, facts)
    digest, size = hashlib.sha256(), 0
    for piece in _pieces(header, little.values()):
        digest.update(piece)
        size += len(piece)
    blobs.put_pieces(path, _pieces(header, little.values()))
    return digest.hexdigest(), size


def _targets(y: AnyArray) -> AnyArray:
    return y.astype(np.int64) if y.dtype.kind in "iu" else y.astype(np.float64)


def _pieces(header: bytes, arrays: Iterable[AnyArray]) -> Iterator[bytes | memoryview]:
    """The file's bytes, piece by piece; the numbers are not copied."""
    yield header
    for array in arrays:
        flat = array.reshape(-1).view(np.uint8).data
        for start in range(0, len(flat), PIECE_BYTES):
            yield flat[start : start + PIECE_BYTES]


def load_dataset(blobs: Blobs, path: str, name: str) -> Dataset:
    """The data set whose stored form is at `path`; BlobMissingError."""
    stored = StoredDataset.open(blobs, path)
    arrays = {key: _array(blobs, array) for key, array in stored.arrays.items()}
    facts = stored.facts
    return Dataset(
        x_train=arrays["x_train"],
        y_train=arrays["y_train"],
        x_test=arrays["x_test"],
        y_test=arrays["y_test"],
        task=facts["task"],
        classes=tuple(facts["classes"]),
        input_shape=tuple(facts["input_shape"]),
        name=name,
        columns=tuple(Column.from_config(column) for column in facts["columns"]),
        target=facts.get("target"),
        left_out=tuple(facts.get("left_out", ())),
        rows_train=arrays.get("rows_train"),
        rows_test=arrays.get("rows_test"),
    )


def _array(blobs: Blobs, array: StoredArray) -> AnyArray:
    size = array.shape[0] * array.row_bytes
    if not size:
        return np.zeros(array.shape, np.dtype(DTYPES[array.kind]).newbyteorder("="))
    numbers = np.frombuffer(blobs.get_range(array.path, array.start, array.start + size), DTYPES[array.kind])
    return numbers.reshape(array.shape).astype(numbers.dtype.newbyteorder("="), copy=False)

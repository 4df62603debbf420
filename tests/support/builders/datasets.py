"""Data sets as a files worker would have made them."""

import numpy as np

from nn.data import Column, Dataset
from worker.ingest.stored import write_dataset
from worker.store import Store
from worker.store.uploads import UploadedFile

FILE = UploadedFile("file", None, 8, "0" * 64)


def ready(store: Store, identifier: str = "ds_1", **found: object) -> str:
    """A data set as a files worker would have made it; `found` is said of it in place of what is there."""
    columns = (Column("size", "numeric"), Column("kind", "categorical", ("x", "y")))
    x = np.array([[1.5, 0], [np.nan, 1], [3, np.nan]])
    dataset = Dataset(x, np.array([0, 1, 1]), x[:1], np.array([1]), "classification", ("no", "yes"), (2,), "d", columns)
    path = f"datasets/{identifier}.safetensors"
    write_dataset(store.blobs, path, dataset)
    store.shared_blobs.keep(path, identifier, lambda: None)
    store.datasets.create(identifier, {"name": "shop"}, [FILE])
    about = {
        "blob": path,
        "task": "classification",
        "classes": ["no", "yes"],
        "rows": {"train": 3, "test": 1},
        "input_shape": [2],
        "format": "csv",
    }
    store.datasets.ready(store.datasets.claim("w", 9000), about | found)
    return identifier

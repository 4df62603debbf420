"""Files that are not text, small ones, as other packages write them."""

import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from arro3.core import Array, DataType, Field, Schema, Table
from arro3.io import write_parquet


def npz(**arrays: Any) -> bytes:
    """Arrays in one .npz."""
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def parquet(columns: Mapping[str, tuple[DataType, Sequence[Any]]], index: Sequence[Any] | None = None) -> bytes:
    """Columns as Parquet. `index`: what pandas' metadata calls the index, names or descriptions of a range."""
    fields = [Field(name, kind, nullable=True) for name, (kind, _) in columns.items()]
    metadata = {} if index is None else {"pandas": json.dumps({"index_columns": list(index), "columns": []})}
    schema = Schema(fields, metadata=metadata)
    arrays = [Array(values, kind) for kind, values in columns.values()]
    file = io.BytesIO()
    write_parquet(Table.from_arrays(arrays, schema=schema), file)
    return file.getvalue()


INT, FLOAT, TEXT, BOOL = DataType.int64(), DataType.float64(), DataType.string(), DataType.bool()

"""Calls of `/v1/datasets`."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any

from neurond.answers import Sample, SampleList
from neurond.calls import PAGE, Calls, address, parameters, said
from neurond.handles import Dataset

Progress = Callable[[int], None]
"""Told how many more bytes are on their way."""


class DatasetCalls(Calls):
    """Upload, read and delete data sets."""

    def datasets(self, *, limit: int | None = None, name: str | None = None) -> Iterator[Dataset]:
        """Data sets, newest first, those built in last, at most `limit`; `name` keeps those that are called so."""
        return self._pages("/v1/datasets", Dataset, limit, name=name)

    def dataset(self, dataset_id: str) -> Dataset:
        """Read a data set."""
        return Dataset.by(self, self._send("GET", address("datasets", dataset_id)))

    def upload(
        self,
        path: str | os.PathLike[str],
        *,
        others: Mapping[str, str | os.PathLike[str]] | None = None,
        progress: Progress | None = None,
        **options: Any,
    ) -> Dataset:
        """Upload a CSV, IDX, NPZ or Parquet file. It is read next: `wait` tells how that went.

        Args:
            path: the file
            others: further files by their fields: `labels`, `test_file`, `test_labels` of IDX
            progress: told of each part that is sent
            options: what is said of it: `name`, `target`, `task`, `header`, `categorical`, `test_split`

        """
        with ExitStack() as files:
            form = {
                field: (Path(place).name, _Read(files.enter_context(Path(place).open("rb")), progress))
                for field, place in {"file": path, **(others or {})}.items()
            }
            return Dataset.by(self, self._send("POST", "/v1/datasets", params=parameters(options), files=form))

    def read_again(self, dataset_id: str, **options: Any) -> Dataset:
        """Read the upload of a data set again as a new one: nothing is sent but what is to be otherwise.

        Args:
            dataset_id: the data set; it may be `failed`
            options: as of `upload`; `categorical` may be a list. What is not said is as it was

        """
        return Dataset.by(self, self._send("POST", "/v1/datasets", json={"from": dataset_id} | said(options)))

    def delete_dataset(self, dataset_id: str) -> None:
        """Delete a data set; the models that were trained on it stay."""
        self._send("DELETE", address("datasets", dataset_id))

    def samples(self, dataset: str, *, split: str = "train", offset: int = 0, limit: int = PAGE) -> list[Sample]:
        """Rows of a data set, with their labels."""
        parameters: dict[str, str | int] = {"split": split, "offset": offset, "limit": limit}
        response = self._send("GET", address("datasets", dataset, "samples"), params=parameters)
        return SampleList.model_validate_json(response.content).data


class _Read:
    """A file that tells how it is read; sent again, it starts over."""

    def __init__(self, file: IO[bytes], progress: Progress | None) -> None:
        self._file = file
        self._progress = progress

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        if self._progress is not None:
            self._progress(len(data))
        return data

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def fileno(self) -> int:
        return self._file.fileno()

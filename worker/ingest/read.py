"""From an uploaded file to a stored data set. Runs in the child process."""

from collections.abc import Mapping
from typing import Any, BinaryIO, Final

from nn.data.prepare import Choices, Prepared, prepare
from nn.data.readers import READERS, Reader, format_of
from nn.data.readers.gzip import unpacked
from nn.data.readers.options import ReadOptions
from nn.errors import FormatError
from worker.ingest import parquet
from worker.ingest.describe import describe
from worker.ingest.stored import write_dataset
from worker.spec.dataset import DatasetSpec
from worker.store.blobs import Blobs
from worker.store.uploads import UploadedFile, open_upload, staged_path

ALL_READERS: Final[dict[str, Reader]] = {**READERS, "parquet": parquet.read}
"""The readers of `nn`, and those that need more than NumPy."""

START_BYTES: Final = 512


def read_dataset(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Read the upload that `asked` names, store its arrays, and tell what was found; NNError says what is wrong."""
    blobs, identifier = Blobs(asked["blob_url"]), asked["id"]
    spec = DatasetSpec.model_validate(asked["spec"])
    files = [UploadedFile(**file) for file in asked["files"]]
    opened, name = _open({file.field: open_upload(blobs, identifier, file) for file in files}, asked["most_bytes"])
    options = ReadOptions(spec.header, spec.categorical_columns, asked["most_bytes"])
    prepared = _read(name, opened, options, spec, identifier)
    sha256, size_bytes = write_dataset(blobs, staged_path(identifier), prepared.dataset)
    return describe(prepared, format=name, sha256=sha256, size_bytes=size_bytes)


def _open(files: Mapping[str, BinaryIO], most_bytes: int) -> tuple[dict[str, BinaryIO], str]:
    """The files, unpacked where they are packed, and their format."""
    opened, formats = {}, {}
    for field, file in files.items():
        packed = format_of(_start(file)) == "gzip"
        opened[field] = unpacked(file, most_bytes) if packed else file
        formats[field] = format_of(_start(opened[field])) if packed else format_of(_start(file))
        if formats[field] == "gzip":
            raise FormatError(f"{field}: expected a file that is packed once, got one that is packed twice")
    if "file" not in formats:
        raise FormatError(f"file: expected the data under this name, got only {', '.join(formats)}")
    name = formats["file"]
    if set(formats.values()) != {name} or (len(formats) > 1 and name != "idx"):
        raise FormatError(f"files: expected one file, or IDX images and labels, got {formats}")
    return opened, name


def _start(file: BinaryIO) -> bytes:
    file.seek(0)
    start = file.read(START_BYTES)
    file.seek(0)
    return start


def _read(
    name: str, files: Mapping[str, BinaryIO], options: ReadOptions, spec: DatasetSpec, identifier: str
) -> Prepared:
    choices = Choices(identifier, spec.target, spec.task, spec.test_split)
    return prepare(ALL_READERS[name](files, options), choices)

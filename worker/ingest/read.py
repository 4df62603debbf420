"""From an uploaded file to a stored data set. Runs in the child process."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, BinaryIO, Final

from nn.data.notation import Marks
from nn.data.parse_results import ParsedArrays, ParsedTable
from nn.data.prepare import Choices, prepare
from nn.data.readers import format_of
from nn.data.readers.gzip import unpacked
from nn.data.readers.options import ReadOptions
from nn.errors import DataError, FormatError
from worker.ingest.describe import describe, describe_unlearned
from worker.ingest.readers import ALL_READERS
from worker.ingest.stored import write_dataset
from worker.jobspec.dataset import DatasetSpec, TextSpec
from worker.store.blobs import Blobs
from worker.store.uploads import UploadedFile, open_upload, staged_path

START_BYTES: Final = 512


def read_dataset(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Read the upload that `asked` names, store its arrays, and tell what was found; NNError says what is wrong."""
    blobs, identifier = Blobs(asked["blob_url"]), asked["id"]
    spec = DatasetSpec.model_validate(asked["spec"])
    files = open_files(blobs, asked["upload"], [UploadedFile(**file) for file in asked["files"]])
    if spec.purpose == "prediction":
        return look_through(files, spec, asked["most_bytes"])
    name, data = parse(files, spec, asked["most_bytes"])
    prepared = prepare(data, Choices(identifier, spec.target, spec.task, spec.test_split))
    sha256, size_bytes = write_dataset(blobs, staged_path(identifier), prepared.dataset)
    return describe(prepared, format=name, sha256=sha256, size_bytes=size_bytes)


def open_files(blobs: Blobs, upload: str, files: Sequence[UploadedFile]) -> dict[str, BinaryIO]:
    """The files of an upload by their fields."""
    return {file.field: open_upload(blobs, upload, file) for file in files}


def parse(
    files: Mapping[str, BinaryIO], spec: DatasetSpec, most_bytes: int = 1 << 30
) -> tuple[str, ParsedTable | ParsedArrays]:
    """The format of an upload's files, and what its reader makes of them; NNError."""
    opened, name = unpack(files, spec, most_bytes)
    return name, ALL_READERS[name](opened, options_of(spec, most_bytes))


def options_of(spec: DatasetSpec, most_bytes: int) -> ReadOptions:
    """What a reader is told of data to learn from."""
    return replace(
        text_options(spec, most_bytes),
        categorical=spec.categorical_columns,
        target=spec.target,
        leave_out=spec.left_out_columns,
        labelled=True,
    )


def text_options(spec: TextSpec, most_bytes: int, known: Sequence[str] = ()) -> ReadOptions:
    """What a reader is told of rows for a model; `known` are the names of its columns."""
    return ReadOptions(
        header=spec.header,
        most_bytes=most_bytes,
        marks=Marks(spec.decimal, spec.thousands),
        encoding=spec.encoding,
        known=tuple(known),
        labelled=False,
    )


def look_through(files: Mapping[str, BinaryIO], spec: DatasetSpec, most_bytes: int) -> dict[str, Any]:
    """What a file holds whose rows are to be predicted: its columns' names and how many rows; NNError."""
    opened, name = unpack(files, spec, most_bytes)
    options = text_options(spec, most_bytes)
    reader = ALL_READERS[name]
    if reader.source is None:
        x = reader(opened, options).x  # type: ignore[union-attr]  # no table
        return describe_unlearned(name, rows=len(x), input_shape=x.shape[1:])
    source = reader.source(opened, options)
    rows = sum(len(cells[0]) for _, cells in source.blocks([0], {source.names[0]}))
    if not rows:
        raise DataError("file: expected at least one row of values, got none")
    return describe_unlearned(name, rows=rows, input_shape=(len(source.names),), notes=source.notes())


def unpack(files: Mapping[str, BinaryIO], spec: DatasetSpec, most_bytes: int) -> tuple[dict[str, BinaryIO], str]:
    """The files, unpacked where they are packed, and their format."""
    opened, formats = {}, {}
    for field, file in files.items():
        packed = format_of(_start(file), spec.encoding, ALL_READERS) == "gzip"
        opened[field] = unpacked(file, most_bytes) if packed else file
        formats[field] = format_of(_start(opened[field]), spec.encoding, ALL_READERS)
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

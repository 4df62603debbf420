"""Uploads: read, prepared and described, or refused with the reason."""

import io

from benchmarks.fuzz.targets.said import SPECS
from nn.data.prepare import Choices, prepare
from nn.errors import NNError
from worker.ingest.describe import describe
from worker.ingest.read import parse

MOST_BYTES = 1 << 22
LABELS = b"\0LABELS\0"
"""Stands between the two files of IDX."""


def one(data: bytes) -> None:
    """The first byte chooses what is said of the file."""
    spec = SPECS[data[0] % len(SPECS)] if data else SPECS[0]
    file, _, labels = data[1:].partition(LABELS)
    files = {"file": io.BytesIO(file)} | ({"labels": io.BytesIO(labels)} if labels else {})
    try:
        name, parsed = parse(files, spec, MOST_BYTES)
        prepared = prepare(parsed, Choices("ds", spec.target, spec.task, spec.test_split))
    except NNError:
        return
    about = describe(prepared, format=name, sha256="0" * 64, size_bytes=len(file))
    assert about["format"] == name

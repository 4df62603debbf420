"""What the record's `error` says of a job that could not go on."""

from collections.abc import Mapping
from typing import Any, Final

from nn.errors import DataError, DivergenceError, SpecError
from worker.errors import BlobError, BlobMissingError, JobFailedError, RecordTooLargeError

CODES: Final[Mapping[type[Exception], str]] = {
    SpecError: "invalid_spec",
    DataError: "invalid_data",
    DivergenceError: "diverged",
    RecordTooLargeError: "invalid_data",
    BlobMissingError: "blob_missing",
    BlobError: "storage_failed",
    MemoryError: "memory_limit",
}
"""The exceptions that are no fault of ours."""

UNFORESEEN: Final = "internal_error"


def describe(error: Exception, log: list[str]) -> dict[str, Any]:
    """The record's `error`: a code, a sentence, and the last lines that the job logged."""
    code = next((code for kind, code in CODES.items() if isinstance(error, kind)), UNFORESEEN)
    if isinstance(error, JobFailedError):
        code = error.code
    message = str(error) or type(error).__name__
    if isinstance(error, MemoryError):
        message = f"it needed more memory than a job may have (NEUROND_MAX_JOB_MEMORY_BYTES): {message}"
    return {"code": code, "message": message, "log": log}

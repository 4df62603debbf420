"""What the record's `error` says of a job that could not go on."""

from typing import Any, Final

from nn.errors import NNError
from worker.errors import MemoryLimitError, NeurondError

UNFORESEEN: Final = NeurondError.code


def describe(error: Exception, log: list[str]) -> dict[str, Any]:
    """The record's `error`: a code, a sentence, and the last lines that the job logged."""
    if isinstance(error, MemoryError):
        error = MemoryLimitError(
            "it needed more memory than a job may have (NEUROND_MAX_JOB_MEMORY_BYTES): "
            f"{str(error) or type(error).__name__}"
        )
    code = error.code if isinstance(error, NNError | NeurondError) else UNFORESEEN
    return {"code": code, "message": str(error) or type(error).__name__, "log": log}

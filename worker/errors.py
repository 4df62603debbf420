"""What can go wrong on the jobs' floor. HTTP knows these only through `api.errors`.

    NeurondError
    ├── JobFailedError                          internal_error
    │   ├── InvalidInputError                   invalid_input
    │   ├── InvalidDataError                    invalid_data
    │   │   └── RecordTooLargeError
    │   ├── TooLargeError                       too_large
    │   ├── TooManySamplesError                 too_many_samples
    │   ├── TimeLimitError                      time_limit
    │   ├── MemoryLimitError                    memory_limit
    │   ├── DatasetNotFoundError                dataset_not_found
    │   ├── ModelNotFoundError                  model_not_found
    │   ├── QuotaExceededError                  quota_exceeded
    │   └── WorkerLostError                     worker_lost
    ├── BlobMissingError                        blob_missing
    ├── BlobError                               storage_failed
    │   └── StorageFullError
    ├── PredictionInputError
    │   └── BrokenBodyError
    ├── LeaseLostError
    │   └── GaveUpError
    └── SettingsError, NotFoundError, QueueFullError, StoreFullError, IdempotencyConflictError, UploadTooLargeError,
        PredictionExpiredError, InUseError, NotKeptError, NotReadyError

`code` is what the `error` of a record says: of a job, a data set or a prediction. Those of `nn.errors` have one too.
"""

from typing import Final


class NeurondError(Exception):
    """Base of every error that neurond's jobs, queue and store raise on purpose."""

    code: str = "internal_error"


class SettingsError(NeurondError):
    """Raised when an environment variable holds what its setting cannot take."""


EXPIRING: Final = frozenset({"job", "prediction"})
"""Nouns of records that are kept for a time; all others stay until they are deleted."""


class NotFoundError(NeurondError):
    """Raised when no record stands under the ID that was asked for."""

    def __init__(self, noun: str, identifier: str) -> None:
        ended = "was deleted, or its retention has ended" if noun in EXPIRING else "was deleted"
        super().__init__(f"no {noun} {identifier!r}; it never existed, or {ended}")
        self.noun = noun
        self.identifier = identifier


class QueueFullError(NeurondError):
    """Raised when the queue is full."""


class StoreFullError(NeurondError):
    """Raised when Redis has too little memory left to take in more."""


class IdempotencyConflictError(NeurondError):
    """Raised when an idempotency key comes again with another body."""


class LeaseLostError(NeurondError):
    """Raised when a write is refused because its fencing token is no longer the job's."""


class GaveUpError(LeaseLostError):
    """Raised when a write is waited for no longer. Nobody knows whether it was done: its answer may have been lost."""


class BlobMissingError(NeurondError):
    """Raised when the blob store holds nothing under a path that a record names."""

    code = "blob_missing"


class BlobError(NeurondError):
    """Raised when the blob store cannot be read or written: a full disk, no permission, a network that is away.

    `hint` names the variable that is wrong, where one is known, and nothing that only the log should say.
    """

    code = "storage_failed"

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class StorageFullError(BlobError):
    """Raised when there is too little space left to keep more bytes."""


class PredictionInputError(NeurondError):
    """Raised when a prediction's input does not fit its model. `pointer` is a JSON pointer into the body."""

    def __init__(self, pointer: str, detail: str) -> None:
        super().__init__(detail)
        self.pointer = pointer


class BrokenBodyError(PredictionInputError):
    """Raised when a prediction's body is not the file that it should be; nothing in it can be pointed at."""

    def __init__(self, detail: str, pointer: str = "#") -> None:
        super().__init__(pointer, detail)


class PredictionExpiredError(NeurondError):
    """Raised when a prediction takes longer than it is waited for: nobody would read the answer."""


class JobFailedError(NeurondError):
    """Raised when the work on a record cannot go on. `code` is that of its class, or, where given, another's."""

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.code = code or self.code


class InvalidInputError(JobFailedError):
    """Raised when the rows of a prediction do not fit its model."""

    code = "invalid_input"


class InvalidDataError(JobFailedError):
    """Raised when a file cannot be read, or says more than can be kept."""

    code = "invalid_data"


class TooLargeError(JobFailedError):
    """Raised when a file needs more memory or time than reading may take."""

    code = "too_large"


class TooManySamplesError(JobFailedError):
    """Raised when a training would go through more samples than NEUROND_MAX_JOB_SAMPLES."""

    code = "too_many_samples"


class TimeLimitError(JobFailedError):
    """Raised when work takes longer than its limit."""

    code = "time_limit"


class MemoryLimitError(JobFailedError):
    """Stands for a MemoryError: the job needed more than NEUROND_MAX_JOB_MEMORY_BYTES."""

    code = "memory_limit"


class DatasetNotFoundError(JobFailedError):
    """Raised when the data set of a job is gone, or is not ready."""

    code = "dataset_not_found"


class ModelNotFoundError(JobFailedError):
    """Raised when a model that is needed is gone."""

    code = "model_not_found"


class WorkerLostError(JobFailedError):
    """Stands for the end of a worker's process, which raised nothing."""

    code = "worker_lost"


class QuotaExceededError(JobFailedError):
    """Raised when a caller would keep more bytes than it may."""

    code = "quota_exceeded"

    def __init__(self, kept: int, quota: int) -> None:
        super().__init__(
            f"this key, or this address, keeps {kept} bytes, and may keep {quota} (NEUROND_KEY_QUOTA_BYTES, "
            "NEUROND_READ_KEY_QUOTA_BYTES): delete data sets, models or predictions"
        )
        self.kept = kept
        self.quota = quota


class RecordTooLargeError(InvalidDataError):
    """Raised when a record would say more than a record may."""

    def __init__(self, what: str, size: int, most_bytes: int) -> None:
        super().__init__(f"the record of the {what}: expected at most {most_bytes} bytes, got {size}")


class UploadTooLargeError(NeurondError):
    """Raised when an uploaded file exceeds the size limit."""

    def __init__(self, most_bytes: int) -> None:
        super().__init__(f"the file is too large: at most {most_bytes} bytes (NEUROND_MAX_UPLOAD_BYTES)")
        self.most_bytes = most_bytes


class InUseError(NeurondError):
    """Raised when what should be deleted is still needed."""


class NotKeptError(NeurondError):
    """Raised when a data set is to be read again whose original is not kept."""


class NotReadyError(NeurondError):
    """Raised when a data set is asked for what it has only once it was read."""


def codes() -> set[str]:
    """The code of every error that a record may name; those of `nn` stand in the catalogue (`worker.jobspec`)."""
    kinds, found = [NeurondError], set()
    while kinds:
        kind = kinds.pop()
        kinds += kind.__subclasses__()
        found.add(kind.code)
    return found

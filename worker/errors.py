"""What can go wrong on the jobs' floor. HTTP knows these only through `api.errors`."""

from typing import Final


class NeurondError(Exception):
    """Base of every error that neurond's jobs, queue and store raise on purpose."""


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
    """Raised when as many jobs wait as may wait."""


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


class BlobError(NeurondError):
    """Raised when the blob store cannot be read or written: a full disk, no permission, a network that is away.

    `hint` names the variable that is wrong, where one is known, and nothing that only the log should say.
    """

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class StorageFullError(BlobError):
    """Raised when there is too little space left to keep more bytes."""


class QuotaExceededError(NeurondError):
    """Raised when a caller would keep more bytes than it may."""

    def __init__(self, kept: int, quota: int) -> None:
        super().__init__(
            f"this key, or this address, keeps {kept} bytes, and may keep {quota} (NEUROND_KEY_QUOTA_BYTES, "
            "NEUROND_READ_KEY_QUOTA_BYTES): delete data sets, models or predictions"
        )
        self.kept = kept
        self.quota = quota


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
    """Raised when a job cannot go on; `code` is what its record's error will say."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class RecordTooLargeError(NeurondError):
    """Raised when a record would say more than a record may."""

    def __init__(self, what: str, size: int, most_bytes: int) -> None:
        super().__init__(f"the record of the {what}: expected at most {most_bytes} bytes, got {size}")


class UploadTooLargeError(NeurondError):
    """Raised when an uploaded file is larger than may be."""

    def __init__(self, most_bytes: int) -> None:
        super().__init__(f"the file is too large: at most {most_bytes} bytes (NEUROND_MAX_UPLOAD_BYTES)")
        self.most_bytes = most_bytes


class InUseError(NeurondError):
    """Raised when what should be deleted is still needed."""


class NotKeptError(NeurondError):
    """Raised when a data set is to be read again whose original is not kept."""


class NotReadyError(NeurondError):
    """Raised when a data set is asked for what it has only once it was read."""

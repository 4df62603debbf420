"""What can go wrong between a client and the service."""

from typing import Any

from neurond.answers import BatchPrediction, Job


class ClientError(Exception):
    """Base of every error that the client raises on purpose."""


class ApiError(ClientError):
    """Raised when the API answers with a problem; `status` and `problem` are what it said."""

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        details = "; ".join(map(_said, problem.get("errors", [])))
        super().__init__(details or problem.get("detail") or f"HTTP status {status}")
        self.status = status
        self.problem = problem


def _said(error: dict[str, str]) -> str:
    """An error and the field that it is about; the whole body needs no address."""
    return error["detail"] if error["pointer"] == "#" else f"{error['pointer']}: {error['detail']}"


class UnreachableError(ClientError):
    """Raised when no service answers, however often it is tried."""


class JobFailedError(ClientError):
    """Raised when a model is asked of a job that made none; `job` tells why."""

    def __init__(self, job: Job) -> None:
        why = f": {job.error.message}" if job.error else ""
        super().__init__(f"the job {job.id} {job.status}{why}")
        self.job = job


class PredictionFailedError(ClientError):
    """Raised when an asynchronous prediction ended without a result; `prediction` tells why."""

    def __init__(self, prediction: BatchPrediction) -> None:
        why = f": {prediction.error.message}" if prediction.error else ""
        super().__init__(f"the prediction {prediction.id} {prediction.status}{why}")
        self.prediction = prediction

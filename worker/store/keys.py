"""Every key that neurond keeps in Redis, and nothing but the keys."""

from typing import Final

PREFIX: Final = "neurond:"

JOBS: Final = PREFIX + "jobs"
"""Sorted set: job ID → place in the order of creation."""
JOB_SEQUENCE: Final = PREFIX + "jobs:sequence"
"""Counter behind those places."""
LEASES: Final = PREFIX + "jobs:leases"
"""Sorted set: ID of a running job → when its lease ends, in milliseconds of Redis's own clock."""
UNSENT: Final = PREFIX + "jobs:unsent"
"""Sorted set: ID of a queued job whose wake-up is not known to be sent → when it was queued, in milliseconds."""
MODELS: Final = PREFIX + "models"
"""Sorted set: model ID → place in the order of creation."""
MODEL_SEQUENCE: Final = PREFIX + "models:sequence"


def job(job_id: str) -> str:
    """Hash: the job's record, the truth about it."""
    return f"{PREFIX}job:{job_id}"


def events(job_id: str) -> str:
    """Stream: what happened to the job, in order."""
    return f"{PREFIX}job:{job_id}:events"


def jobs_with_status(status: str) -> str:
    """Sorted set: the part of JOBS in this state."""
    return f"{JOBS}:{status}"


def idempotency(key_hash: str) -> str:
    """String: the job that an idempotency key made, with its body's hash."""
    return f"{PREFIX}idempotency:{key_hash}"


def model(model_id: str) -> str:
    """Hash: the model's record; its weights are in the blob store."""
    return f"{PREFIX}model:{model_id}"


def pending_predictions(model_id: str) -> str:
    """List: raw prediction requests that wait for this model."""
    return f"{PREFIX}predictions:{model_id}"


def drainer(model_id: str) -> str:
    """String: there while a wake-up for that list is under way or at work."""
    return f"{PREFIX}predictions:{model_id}:drainer"


def reply(request_id: str) -> str:
    """List: where the answer to one prediction request is put."""
    return f"{PREFIX}reply:{request_id}"


def workers(queue: str) -> str:
    """Sorted set: name of a worker on this queue → when it was last seen, in milliseconds."""
    return f"{PREFIX}workers:{queue}"

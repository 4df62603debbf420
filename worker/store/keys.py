"""Every key that neurond keeps in Redis, and nothing but the keys."""

from typing import Final

from worker.work import batch_predictions, datasets, model_export, model_import, training
from worker.work.kind import PREFIX
from worker.work.training import DURATION, METRICS

__all__ = ["DURATION", "METRICS", "PREFIX"]

JOB: Final = training.KIND
DATASET: Final = datasets.KIND
PREDICTION: Final = batch_predictions.KIND
MODEL_IMPORT: Final = model_import.KIND
MODEL_EXPORT: Final = model_export.KIND
PREDICTION_FOLDERS: Final = PREFIX + "predictions:folders"
"""Sorted set: ID of a prediction whose bytes are in the blob store → when they came, in milliseconds."""

MODELS: Final = PREFIX + "models"
"""Sorted set: model ID → place in the order of creation."""
MODEL_SEQUENCE: Final = PREFIX + "models:sequence"
ALIASES: Final = PREFIX + "aliases"
"""Sorted set: name of an alias → place in the order of creation."""
ALIAS_SEQUENCE: Final = PREFIX + "aliases:sequence"

FENCE: Final = PREFIX + "fence"
"""String: what is written behind a step, so that replicas can be waited for (`worker.store.durable`)."""
PROBE: Final = PREFIX + "probe"
"""Never there: deleting it tells whether Redis takes writes, and writes nothing."""

PENDING_BLOBS: Final = PREFIX + "blobs:drafts"
"""Hash: path of a blob, or folder of blobs, that no record names yet → job ID, and the token of the owner who may."""


USAGE_SIZES: Final = PREFIX + "usage:sizes"
"""Hash: what is kept → its bytes."""
USAGE_CALLERS: Final = PREFIX + "usage:callers"
"""Hash: what is kept → the caller who brought it."""
USAGE_SUMS: Final = PREFIX + "usage:sums"
"""Hash: caller → bytes of all that it keeps; `*` → of all callers."""
USAGE_QUOTAS: Final = PREFIX + "usage:quotas"
"""Hash: caller → bytes that it may keep, as the API said last."""
USAGE_SEEN: Final = PREFIX + "usage:seen"
"""Sorted set: what is kept → when its record was looked for, in milliseconds of Redis's own clock."""


def idempotency(key_hash: str) -> str:
    """String: the job that an idempotency key made, with its body's hash."""
    return f"{PREFIX}idempotency:{key_hash}"


def allowance(caller: str) -> str:
    """String: the moment, in milliseconds, when a caller will have all its requests of a minute again."""
    return f"{PREFIX}allowance:{caller}"


def blob_users(path: str) -> str:
    """Set: IDs of the records that use this blob; it goes with the last of them."""
    return f"{PREFIX}blob:{path}:users"


def upload_users(upload: str) -> str:
    """Set: IDs of the data sets that were read from the files of this upload; those go with the last of them."""
    return f"{PREFIX}upload:{upload}:users"


def blob_lock(path: str) -> str:
    """String: there while someone gives this blob a user or takes one away."""
    return f"{PREFIX}blob:{path}:lock"


def model(model_id: str) -> str:
    """Hash: the model's record; its weights are in the blob store."""
    return f"{PREFIX}model:{model_id}"


def alias(name: str) -> str:
    """Hash: the model that this name stands for, and since when."""
    return f"{PREFIX}alias:{name}"


def worker(name: str) -> str:
    """String: what a worker says of itself, as JSON, for as long as it goes on saying so."""
    return f"{PREFIX}worker:{name}"


def wake_up_lock(queue: str) -> str:
    """String: there while someone counts the messages on this queue and sends those that are missing."""
    return f"{PREFIX}wake-ups:{queue}:lock"


def workers(queue: str) -> str:
    """Sorted set: name of a worker on this queue → when it was last seen, in seconds."""
    return f"{PREFIX}workers:{queue}"


def metrics(schema: str) -> str:
    """Hash: a series of these metrics, its name and labels as JSON → the sum over all processes."""
    return f"{PREFIX}metrics:{schema}"


PREDICTIONS: Final = PREFIX + "exchange:"
"""What begins so is only on its way, and may stand in a Redis of its own that never writes to disk."""
ROUND_ROBIN: Final = PREDICTIONS + "turns"
"""List: the lanes in which requests wait, the next to be served first."""
BATCHERS: Final = PREDICTIONS + "drainers"
"""Sorted set: name of a batcher at work → when it counts as dead, in milliseconds of Redis's own clock."""
DEATHS: Final = PREDICTIONS + "deaths"
"""Counter of batchers that died. It starts elsewhere with each life of the server."""


def pending(lane: str) -> str:
    """List: raw prediction requests that wait in this lane (`worker.store.prediction_queue`)."""
    return f"{PREDICTIONS}pending:{lane}"


def body(request_id: str) -> str:
    """String: the body of a large prediction request that waits."""
    return f"{PREDICTIONS}body:{request_id}"


def replies(process: str) -> str:
    """List: where one API process finds the answers to its requests."""
    return f"{PREDICTIONS}replies:{process}"

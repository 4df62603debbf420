"""The model's record, written once, with the end of a job or an import (`scripts/finish.lua`); it never changes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Self

import orjson
from redis import Redis

from worker.errors import InUseError, NotFoundError, RecordTooLargeError
from worker.store import keys, records
from worker.store.records import Hash, Page
from worker.store.scripts import run

MAX_ABOUT_BYTES: Final = 4 << 20
"""Of what a record says of a model; all names in it have at most 1 MiB (`nn.data.names`)."""


@dataclass(frozen=True)
class Model:
    """A stored model as its record tells it; the weights are a blob."""

    id: str
    revision: int
    created_at: datetime
    name: str | None
    job_id: str | None
    """None: it was not trained here."""
    dataset: str | None
    task: str
    classes: list[str]
    architecture: dict[str, Any]
    metrics: dict[str, Any]
    sha256: str
    size_bytes: int
    evaluation: dict[str, Any] | None = None
    """What it gets wrong on its test part (`worker/training/evaluation`); None where there is none."""
    growth: list[int] | None = None
    """The epochs of which its first layer was kept (`worker/training/weight_snapshots`); None: none was."""

    @classmethod
    def from_hash(cls, record: Hash) -> Self:
        """Read the record as Redis keeps it."""
        return cls(
            id=record["id"].decode(),
            revision=int(record["revision"]),
            created_at=records.utc(record["created_at"]),
            **orjson.loads(record["about"]),
        )


def describe(
    *,
    name: str | None,
    job_id: str | None,
    dataset: str | None,
    task: str,
    classes: list[str],
    architecture: Mapping[str, Any],
    metrics: Mapping[str, Any],
    sha256: str,
    size_bytes: int,
    evaluation: Mapping[str, Any] | None = None,
    growth: list[int] | None = None,
) -> dict[str, str]:
    """The fields of a new model's record.

    Raises:
        RecordTooLargeError: its architecture or its classes are too long.

    """
    about = {
        "name": name,
        "job_id": job_id,
        "dataset": dataset,
        "task": task,
        "classes": classes,
        "architecture": architecture,
        "metrics": metrics,
        "sha256": sha256,
        "size_bytes": size_bytes,
        "evaluation": evaluation,
        "growth": growth,
    }
    text = orjson.dumps(about)
    if len(text) > MAX_ABOUT_BYTES:
        raise RecordTooLargeError("model", len(text), MAX_ABOUT_BYTES)
    return {"about": text.decode()}


def new_model_id() -> str:
    """An ID for a model that is about to be stored."""
    return records.new_id("model")


class Models:
    """All stored models."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def get(self, model_id: str) -> Model:
        """Read one model's record.

        Raises:
            NotFoundError: there is no such record.

        """
        answer = self._redis.hgetall(keys.model(model_id))
        if not answer:
            raise NotFoundError("model", model_id)
        return Model.from_hash(records.decode(answer))

    def exists(self, model_id: str) -> bool:
        """Whether there is such a record."""
        return bool(self._redis.exists(keys.model(model_id)))

    def resolve(self, names: Sequence[str]) -> list[str | None]:
        """The model that each name, an ID or an alias, stands for at this moment; None where there is none.

        All in one round trip. An alias stands for a model that is there: it cannot be deleted meanwhile.
        """
        pipeline = self._redis.pipeline(transaction=False)
        for name in names:
            if name.startswith(records.MODEL_PREFIX):
                pipeline.exists(keys.model(name))
            else:
                pipeline.hget(keys.alias(name), "model_id")
        answers = pipeline.execute()
        return [_model_id(name, answer) for name, answer in zip(names, answers, strict=True)]

    def page(self, *, limit: int, after: str | None = None, keep: Callable[[Model], bool] | None = None) -> Page[Model]:
        """Models, newest first; `keep` leaves out those for which it is false."""
        return records.read_page(
            self._redis, keys.MODELS, "model", keys.model, Model.from_hash, limit=limit, after=after, keep=keep
        )

    def delete(self, model_id: str) -> None:
        """Take a model's record away; its weights are the caller's to delete then.

        Raises:
            NotFoundError: there is no such record.
            InUseError: an alias stands for it, or a job learns from it.

        """
        jobs = [keys.JOB.with_status("queued"), keys.JOB.with_status("running")]
        script_keys = [keys.model(model_id), keys.MODELS, keys.ALIASES, *jobs]
        outcome, *values = run(self._redis, "delete_model", script_keys, model_id, keys.alias(""), keys.JOB.record(""))
        if outcome == b"missing":
            raise NotFoundError("model", model_id)
        if outcome == b"in use":
            kind, name = (value.decode() for value in values)
            if kind == "job":
                raise InUseError(f"the job {name!r} learns from this model; cancel it, or wait for its end")
            raise InUseError(f"the alias {name!r} stands for this model; point it at another, or delete it, first")


def _model_id(name: str, answer: Any) -> str | None:
    if isinstance(answer, bytes):
        return answer.decode()
    return name if answer else None

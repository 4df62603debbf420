"""A worker."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Self

from pydantic import ConfigDict, Field

from api.schemas.common import Answered

if TYPE_CHECKING:
    from worker.store import workers as records


class Worker(Answered):
    """A worker that was seen lately."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "worker-train~3f9c2ab1@host",
                    "object": "worker",
                    "queue": "training",
                    "silent_seconds": 0.8,
                    "threads": 2,
                    "job_ids": ["job_2f6d1c0b9a8e7f6d5c4b3a29"],
                }
            ]
        }
    )

    name: str
    object: Literal["worker"]
    queue: str = Field(description="what it works on: `training` or `prediction`")
    silent_seconds: float = Field(ge=0, description="for how long it has not signed; live ones sign every two seconds")
    threads: int | None = Field(description="most threads that its matrix products take")
    job_ids: list[str] = Field(description="the jobs that it runs now")

    @classmethod
    def of(cls, record: records.Worker) -> Self:
        """The worker of a record."""
        return cls(
            name=record.name,
            object="worker",
            queue=record.queue,
            silent_seconds=record.silent_seconds,
            threads=record.threads,
            job_ids=record.job_ids,
        )


class WorkerList(Answered):
    """All workers that were seen lately, by queue."""

    object: Literal["list"]
    data: list[Worker]
    has_more: Literal[False]

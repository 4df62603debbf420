"""A worker."""

from typing import Literal

from pydantic import Field

from api.schemas.common import ListOf, Recorded


class Worker(Recorded):
    """A worker that was seen lately."""

    name: str
    object: Literal["worker"] = "worker"
    queue: str = Field(description="what it works on: `training` or `prediction`")
    silent_seconds: float = Field(ge=0, description="for how long it has not signed; live ones sign every two seconds")
    threads: int | None = Field(description="most threads that its matrix products take")
    job_ids: list[str] = Field(description="the jobs that it runs now")


class WorkerList(ListOf[Worker]):
    """All workers that were seen lately, by queue."""

    has_more: Literal[False] = False

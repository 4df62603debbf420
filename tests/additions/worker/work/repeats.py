"""One training under several seeds, and how far their scores are apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydantic import BaseModel, Field

from worker.jobspec import JobSpec
from worker.work.kind import FILES, Kind
from worker.work.outcome import Done, NewWork, Outcome, WaitFor

if TYPE_CHECKING:
    from worker.runtime.function_runner import Run


class Repeats(BaseModel):
    """Which training, and under which seeds."""

    job: JobSpec
    seeds: list[int] = Field(min_length=1, max_length=20)


def run(work: Run) -> Outcome:
    """Train under each seed; no worker waits for it meanwhile."""
    trained = work.children()
    if not trained:
        jobs = [work.request.job.model_copy(update={"seed": seed}) for seed in work.request.seeds]
        return WaitFor([NewWork("job", job) for job in jobs])
    scores = [job.metrics["test_r2"] for job in trained if job.status == "succeeded"]
    return Done({"trained": len(scores), "lowest": min(scores, default=None), "highest": max(scores, default=None)})


KIND: Final = Kind("repeat", "repeats", "rep", queue=FILES, run=f"{__name__}:run", request=Repeats)

"""Kinds of work that only tests have: a sum that has its parts squared by children, and the square."""

from typing import Final

from pydantic import BaseModel

from worker.runtime.function_runner import Run
from worker.work.kind import FILES, Kind
from worker.work.outcome import Done, NewWork, Outcome, Released, WaitFor


class Numbers(BaseModel):
    numbers: list[int]


class Number(BaseModel):
    number: int


SUM: Final = Kind("sum", "sums", "sum", queue=FILES, run=f"{__name__}:add_squares", request=Numbers)
SQUARE: Final = Kind("square", "squares", "square", queue=FILES, run=f"{__name__}:square", request=Number)


def add_squares(work: Run) -> Outcome:
    """The sum of squares: one child squares each."""
    done = work.children()
    if len(done) < len(work.request.numbers):
        return WaitFor([NewWork("square", Number(number=number)) for number in work.request.numbers])
    work.progress(children=len(done))
    failed = [child.error for child in done if child.status != "succeeded"]
    if failed:
        raise ValueError(f"{len(failed)} of {len(done)} failed")
    return Done({"sum": sum(child.result["square"] for child in done)})


def square(work: Run) -> Outcome:
    """The square of a number; there is none of 13."""
    if work.should_stop():
        return Released()
    if work.request.number == 13:
        raise ValueError("13 is unlucky")
    return Done({"square": work.request.number**2})

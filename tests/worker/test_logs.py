"""What is logged: a line of JSON an event, and the last lines of a job for its error."""

import json
import logging
import os

import pytest

from worker.observability.json_lines import JsonFormatter
from worker.observability.logs import TAIL_BYTES, TAIL_LINES, Tail, about
from worker.store import Store
from worker.store.jobs import Claim


@pytest.fixture
def claim(store: Store) -> Claim:
    store.jobs.create({"dataset": "secret"}, most_queued=1)
    claimed = store.jobs.claim("worker", 60_000)
    assert claimed is not None
    return claimed


@pytest.fixture
def tail() -> Tail:
    return Tail()


@pytest.fixture
def logger(tail: Tail) -> logging.Logger:
    logger = logging.Logger("test")
    logger.addHandler(tail)
    return logger


def test_a_line_is_one_json_object_with_the_job_its_attempt_and_its_token(
    claim: Claim, logger: logging.Logger, capsys: pytest.CaptureFixture[str]
) -> None:
    to_stderr = logging.StreamHandler()
    to_stderr.setFormatter(JsonFormatter())
    logger.addHandler(to_stderr)

    about(logger, **claim.log_fields).warning("epoch", extra={"epoch": 3, "seconds": 0.5})

    [line] = capsys.readouterr().err.splitlines()
    said = json.loads(line)
    assert said.pop("time").endswith("Z")
    assert said == {
        "level": "warning",
        "logger": "test",
        "event": "epoch",
        "record_id": claim.record.id,
        "attempt": 1,
        "token": 1,
        "epoch": 3,
        "seconds": 0.5,
    }


def test_a_traceback_stays_in_its_line() -> None:
    try:
        raise ValueError("two\nlines")
    except ValueError as error:
        record = logging.makeLogRecord({"msg": "failed", "exc_info": (ValueError, error, error.__traceback__)})

    line = JsonFormatter().format(record)

    assert "\n" not in line
    assert "ValueError: two\nlines" in json.loads(line)["traceback"]


def test_the_last_lines_are_those_of_the_running_job(claim: Claim, tail: Tail, logger: logging.Logger) -> None:
    tail.begin("job_before", 1)
    about(logger, **claim.log_fields).info("of the job before")
    tail.begin(claim.record.id, claim.token)
    logger.warning("about no job")
    about(logger, **claim.log_fields).info("epoch", extra={"epoch": 1})

    [line] = tail.lines()

    assert line.endswith("info epoch attempt=1 epoch=1")
    assert tail.running() == (claim.record.id, claim.token, os.getpid())
    tail.end()
    assert tail.running() is None


def test_only_the_last_lines_are_kept(claim: Claim, tail: Tail, logger: logging.Logger) -> None:
    for number in range(1000):
        about(logger, **claim.log_fields).info("line", extra={"number": number, "text": "ü" * (number % 300)})

    lines = tail.lines()

    assert lines[-1].split("number=")[1].startswith("999 ")
    assert len(lines) <= TAIL_LINES
    assert sum(len(line.encode()) + 1 for line in lines) <= TAIL_BYTES


def test_a_child_that_is_killed_leaves_its_last_lines_to_its_parent(
    claim: Claim, tail: Tail, logger: logging.Logger
) -> None:
    child = os.fork()
    if child == 0:
        tail.begin(claim.record.id, claim.token)
        about(logger, **claim.log_fields).info("the last that was heard of it")
        os.kill(os.getpid(), 9)
    os.waitpid(child, 0)

    assert tail.running() == (claim.record.id, claim.token, child)
    assert "the last that was heard of it" in tail.lines()[-1]

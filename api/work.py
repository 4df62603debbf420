"""How work of any kind is submitted and waited for: a record is written, a worker woken, the record tells the end."""

import logging
import time
from collections.abc import Callable
from typing import Any, Final, TypeVar

from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from api.services import services
from worker.failover.redis_errors import NotReplicatedError
from worker.work.kind import Kind

logger = logging.getLogger(__name__)

POLL_SECONDS: Final = 0.1

Written = TypeVar("Written")


def submit(
    kind: Kind, identifier: str, write: Callable[[], tuple[Written, bool]], *, undo: Callable[[], object]
) -> Written:
    """Write a record, and wake a worker for it.

    Once the record is there it is accepted: should the wake-up be lost, a reaper sends one.

    Args:
        kind: of the record
        identifier: its ID, for the log
        write: keeps what belongs to it, and writes it, or finds the one that an earlier request made: whether it is new
        undo: takes away what was kept for a record that was refused, or was there already

    """
    try:
        written, new = write()
    except NotReplicatedError:
        raise  # the record is there, and its worker reads what it names
    except BaseException:
        undo()
        raise
    if not new:
        undo()
        return written
    try:
        services().queue.send_work(kind.queue)
    except (OperationalError, RedisError) as error:
        logger.warning("%s %s: the wake-up was not sent, a reaper will: %s", kind.noun, identifier, error)
    return written


def wait_for_end(kind: Kind, identifier: str, seconds: float) -> Any:
    """The record once it has ended, or as it is after so many seconds.

    Raises:
        NotFoundError: it was deleted meanwhile.

    """
    records, deadline = services().store.records(kind), time.monotonic() + seconds
    while not (record := records.get(identifier)).finished and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
    return record

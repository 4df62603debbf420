"""How work of any kind is submitted: its record is written, then a worker is woken."""

import logging
from collections.abc import Callable
from typing import TypeVar

from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from api.services import services
from worker.failover.redis_errors import NotReplicatedError
from worker.work.kind import Kind

logger = logging.getLogger(__name__)

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

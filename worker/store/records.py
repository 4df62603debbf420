"""What records have in common: IDs, times, lists in the order of creation."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Generic, TypeVar

import orjson
from redis import Redis

from worker.errors import NotFoundError

Record = TypeVar("Record")

READ_AT_ONCE = 200
"""Records that are read in one go where some are left out."""

MODEL_PREFIX: Final = "model_"
"""What the ID of a model begins with, and no alias may."""

Hash = Mapping[str, bytes]
"""A record as Redis keeps it."""


def new_id(prefix: str) -> str:
    """An ID that nobody can guess: the prefix and 96 random bits, url-safe."""
    return f"{prefix}_{secrets.token_hex(12)}"


def decode(answer: Mapping[Any, Any]) -> Hash:
    """Names as text; values stay bytes until someone says what they are."""
    return {name.decode(): value for name, value in answer.items()}


def text(record: Hash, name: str) -> str | None:
    """A field as text, None where it was never written."""
    value = record.get(name)
    return None if value is None else value.decode()


def json(record: Hash, name: str) -> Any:
    """A field that holds JSON, None where it was never written."""
    value = record.get(name)
    return None if value is None else orjson.loads(value)


def moment(record: Hash, name: str) -> datetime | None:
    """A field that holds milliseconds of Redis's clock, as a time in UTC."""
    value = record.get(name)
    return None if value is None else utc(value)


def utc(milliseconds: bytes) -> datetime:
    """Milliseconds of Redis's clock as a time in UTC."""
    return datetime.fromtimestamp(int(milliseconds) / 1000, UTC)


@dataclass(frozen=True)
class Page(Generic[Record]):
    """A part of a list, newest first or in the order that was chosen."""

    data: list[Record]
    has_more: bool
    next: str | None = None
    """After which ID it goes on, where that need not be the last one's."""


def read_page(
    redis: Redis,
    index: str,
    noun: str,
    key: Callable[[str], str],
    parse: Callable[[Hash], Record],
    *,
    limit: int,
    after: str | None,
    places: str | None = None,
    keep: Callable[[Record], bool] | None = None,
) -> Page[Record]:
    """Records of `index`, a sorted set by place in the order of creation, newest first.

    The places only grow, so a record added meanwhile stands before the first page, never inside a later one.
    IDs whose records have expired are dropped from the index on the way.

    Args:
        after: the last ID of the page before; `places` is the index that knows its place (default: `index`)
        keep: leaves records out; they are all read for that

    Raises:
        NotFoundError: `after` is no record's ID.

    """
    highest: str = "+inf"
    if after is not None:
        place = redis.zscore(places or index, after)
        if place is None:
            raise NotFoundError(noun, after)
        highest = f"({int(place)}"
    found: list[Record] = []
    while True:
        wanted = limit + 1 - len(found)
        size = wanted if keep is None else max(wanted, READ_AT_ONCE)
        members: Any = redis.zrange(
            index, highest, "-inf", desc=True, byscore=True, offset=0, num=size, withscores=True
        )
        pipeline = redis.pipeline(transaction=False)
        for identifier, _ in members:
            pipeline.hgetall(key(identifier.decode()))
        answers = pipeline.execute()
        there = (parse(decode(answer)) for answer in answers if answer)
        found += [record for record in there if keep is None or keep(record)]
        gone = [identifier for (identifier, _), answer in zip(members, answers, strict=True) if not answer]
        if gone:
            redis.zrem(index, *gone)
        if len(found) > limit or len(members) < size:
            return Page(found[:limit], len(found) > limit)
        highest = f"({int(members[-1][1])}"

"""Lists of jobs: those that are sought, in an order of their own, page by page.

Redis keeps an order for each figure by which jobs can be sorted (`Kind.by`). A job enters the orders when it
succeeds, in the step that ends it, and its figures never change: so a page that goes on after a job meets none twice
and misses none, whatever ends meanwhile. What is sought is compared where the records are, and only IDs travel.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

import orjson
from redis import Redis

from worker.errors import NotFoundError
from worker.store import keys, records
from worker.store.records import Hash, Page, Record
from worker.store.scripts import run
from worker.store.status import Status
from worker.work.kind import Kind

LOOKED_AT_ONCE: Final = 250
"""Jobs that one script looks at: Redis answers nobody else for some two milliseconds."""
MOST_LOOKED_AT: Final = 10_000
"""Jobs that are looked at for one page. Where it is not full by then, the next one goes on from there."""


@dataclass(frozen=True)
class Sought:
    """Which jobs a list is of; None: any."""

    status: Status | None = None
    dataset: str | None = None
    name: str | None = None
    metadata: tuple[str, str] | None = None
    """A key, and the text under it."""
    text: str | None = None
    """Words that all stand in what `text_of` says of a job or, of six characters and more, in its ID."""

    def as_json(self) -> bytes:
        """As the script reads it."""
        said = {name: value for name, value in asdict(self).items() if value is not None}
        if (text := said.pop("text", None)) is not None:
            said["words"] = text.casefold().split()
        hints = [self.name, None if self.metadata is None else "=".join(self.metadata)]
        if any(hint is not None for hint in hints):
            said["hints"] = [hint.casefold() for hint in hints if hint]
        return orjson.dumps(said)


@dataclass(frozen=True)
class Order:
    """By what jobs are sorted: a figure of those that have succeeded, or, without one, the creation of all."""

    figure: str | None = None
    reversed: bool = True
    """The greatest or newest first."""


NEWEST_FIRST: Final = Order()


def read_listing(
    redis: Redis,
    kind: Kind,
    parse: Callable[[Hash], Record],
    sought: Sought,
    order: Order,
    *,
    limit: int,
    after: str | None,
) -> Page[Record]:
    """A page of those that are sought.

    Raises:
        NotFoundError: `after` is no record's ID, or that of one without the figure.

    """
    wanted = limit + 1
    found, at, looked_at, ended = list[str](), after or "", 0, False
    while not ended and len(found) < wanted and looked_at < MOST_LOOKED_AT:
        answer = run(
            redis,
            "select",
            [_walked(kind, sought, order), kind.index],
            kind.record(""),
            int(order.figure is None),
            int(order.reversed),
            at,
            LOOKED_AT_ONCE,
            wanted - len(found),
            sought.as_json(),
        )
        if answer[0] == b"missing":
            if at == (after or ""):
                raise NotFoundError(_noun(kind, order), at)
            found, at, looked_at = [], after or "", 0  # the one that was looked at last was deleted just now
            continue
        _, ended, last, *ids = answer
        at, looked_at = last.decode(), looked_at + LOOKED_AT_ONCE
        found += [one.decode() for one in ids]
    more = len(found) > limit or not ended
    last_of_page = found[limit - 1] if len(found) > limit else at
    return Page(_read(redis, kind, parse, found[:limit]), more, last_of_page if more else None)


def _walked(kind: Kind, sought: Sought, order: Order) -> str:
    """The shortest sorted set that has all of them in this order."""
    if order.figure is not None:
        return kind.by(order.figure)
    return kind.index if sought.status is None else kind.with_status(sought.status)


def _noun(kind: Kind, order: Order) -> str:
    return kind.noun if order.figure is None else f"{kind.noun} with the figure {order.figure}"


def _read(redis: Redis, kind: Kind, parse: Callable[[Hash], Record], ids: list[str]) -> list[Record]:
    """The records that are still there."""
    pipeline = redis.pipeline(transaction=False)
    for identifier in ids:
        pipeline.hgetall(kind.record(identifier))
    return [parse(records.decode(answer)) for answer in pipeline.execute() if answer]


def figures_of(metrics: Mapping[str, Any]) -> dict[str, float | str]:
    """Where a job with these metrics stands in the orders, once it has succeeded; `finish.lua` knows its duration."""
    numbers = {name: metrics[name] for name in keys.METRICS if isinstance(metrics.get(name), int | float)}
    return {keys.DURATION: keys.DURATION} | {name: value for name, value in numbers.items() if value == value}


def text_of(config: Mapping[str, Any]) -> str:
    """What a job says of itself in words: its name, metadata, preset, network and optimizer, in small letters."""
    model, training = config.get("model") or {}, config.get("training") or {}
    layers = model.get("layers") or ()
    optimizer = training.get("optimizer") or {}
    said = [
        config.get("name"),
        *(f"{key}={text}" for key, text in (config.get("metadata") or {}).items()),
        config.get("preset"),
        "-".join(map(str, model.get("hidden_layers") or ())),
        *(layer.get("type") for layer in layers),
        model.get("activation"),
        optimizer.get("name"),
        optimizer.get("learning_rate"),
    ]
    return " ".join(str(word) for word in said if word not in (None, "")).casefold()

"""Aliases: names that stand for a model wherever its ID may stand, and can be pointed at another in one step."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Self

from redis import Redis

from worker.errors import NotFoundError
from worker.store import keys, records
from worker.store.durable import Durable
from worker.store.records import Hash, Page

PATTERN: Final = r"[a-z0-9][a-z0-9._-]{0,63}"
"""What an alias may be called: what stands well in a URL."""


@dataclass(frozen=True)
class Alias:
    """A name, and the model that it stands for now."""

    name: str
    model_id: str
    revision: int
    created_at: datetime
    updated_at: datetime

    @classmethod
    def from_hash(cls, record: Hash) -> Self:
        """Read the record as Redis keeps it."""
        return cls(
            name=record["name"].decode(),
            model_id=record["model_id"].decode(),
            revision=int(record["revision"]),
            created_at=records.utc(record["created_at"]),
            updated_at=records.utc(record["updated_at"]),
        )


class Aliases:
    """All aliases."""

    def __init__(self, redis: Redis, *, replicas: int = 0) -> None:
        self._redis = redis
        self._durable = Durable(redis, replicas=replicas)

    def resolve(self, name: str) -> str:
        """The model's ID for what stands in its place: an alias, as it stands at this moment, or the ID itself.

        An ID is given back as it is: whether there is such a model, its record tells.

        Raises:
            NotFoundError: it is no ID, and no alias of that name exists.

        """
        if name.startswith(records.MODEL_PREFIX):
            return name
        answer: Any = self._redis.hget(keys.alias(name), "model_id")
        if answer is None:
            raise NotFoundError("model or alias", name)
        return str(answer.decode())

    def point(self, name: str, model_id: str) -> tuple[Alias, bool]:
        """Make `name` stand for the model from now on.

        Returns:
            The alias, and whether it is new.

        Raises:
            NotFoundError: there is no such model.

        """
        script_keys = [keys.alias(name), keys.ALIASES, keys.ALIAS_SEQUENCE, keys.model(model_id)]
        new = self._durable.run("point", script_keys, name, model_id)
        if new is None:
            raise NotFoundError("model", model_id)
        return self.get(name), bool(new)

    def get(self, name: str) -> Alias:
        """Read one alias.

        Raises:
            NotFoundError: there is none of that name.

        """
        answer = self._redis.hgetall(keys.alias(name))
        if not answer:
            raise NotFoundError("alias", name)
        return Alias.from_hash(records.decode(answer))

    def delete(self, name: str) -> None:
        """Let the name stand for nothing.

        Raises:
            NotFoundError: it stood for nothing already.

        """
        if not self._durable.run("unpoint", [keys.alias(name), keys.ALIASES], name):
            raise NotFoundError("alias", name)

    def page(self, *, limit: int, after: str | None = None) -> Page[Alias]:
        """Aliases, the newest name first."""
        return records.read_page(
            self._redis, keys.ALIASES, "alias", keys.alias, Alias.from_hash, limit=limit, after=after
        )

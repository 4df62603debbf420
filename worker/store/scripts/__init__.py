"""The atomic steps of a job's life and of a prediction's way: one Lua script each, described in its first lines."""

from functools import cache
from importlib.resources import files
from typing import Any

from redis import Redis


@cache
def _source(name: str) -> str:
    return (files(__package__) / f"{name}.lua").read_text("utf-8")


def run(redis: Redis, name: str, keys: list[str], *arguments: str | bytes | int | float) -> Any:
    """Run the script `name` in one step. Redis keeps the script after the first call; only its hash travels."""
    return redis.register_script(_source(name))(keys=keys, args=list(arguments))

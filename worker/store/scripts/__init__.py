"""The atomic steps of a job's life and of a prediction's way: one Lua script each, described in its first lines.

Where a script begins with `allow-oom`, Redis runs it even when its memory is full: what was promised goes on.
"""

import hashlib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any, Final

from redis import Redis
from redis.exceptions import NoScriptError

NEEDS: Final = "-- needs ending\n"
"""Where the functions of `ending.lua` are put into a script."""

Argument = str | bytes | int | float


@cache
def _source(name: str) -> str:
    source = (files(__package__) / f"{name}.lua").read_text("utf-8")
    if NEEDS not in source:
        return source
    flags, _, rest = source.partition(NEEDS)
    return flags + _source("ending") + rest


def run(redis: Redis, name: str, keys: list[str], *arguments: Argument) -> Any:
    """Run the script `name` in one step. Redis keeps the script after the first call; only its hash travels."""
    return redis.register_script(_source(name))(keys=keys, args=list(arguments))


def evalsha(name: str, keys: list[str], *arguments: Argument) -> tuple[Argument, ...]:
    """The command that runs the script `name`; NoScriptError where its server has yet to be sent it (`load`)."""
    return ("EVALSHA", _digest(name), len(keys), *keys, *arguments)


def load(redis: Redis, name: str) -> None:
    """Send the script `name`, which the server then keeps."""
    redis.script_load(_source(name))


def run_all(redis: Redis, name: str, calls: Sequence[tuple[list[str], Sequence[Argument]]]) -> list[Any]:
    """Run the script `name` for each of `calls`, (keys, arguments), in one round trip, and each in one step.

    Only the script's hash travels; a server that has forgotten it is told it again.
    """
    commands = [evalsha(name, keys, *arguments) for keys, arguments in calls]
    execute: Any = redis.execute_command
    if len(commands) == 1:
        try:
            return [execute(*commands[0])]
        except NoScriptError:
            load(redis, name)
            return [execute(*commands[0])]
    pipeline: Any = redis.pipeline(transaction=False)
    for command in commands:
        pipeline.execute_command(*command)
    answers: list[Any] = pipeline.execute(raise_on_error=False)
    for place, answer in enumerate(answers):
        if isinstance(answer, NoScriptError):
            load(redis, name)
            answers[place] = execute(*commands[place])
        elif isinstance(answer, Exception):
            raise answer
    return answers


@cache
def _digest(name: str) -> str:
    return hashlib.sha1(_source(name).encode(), usedforsecurity=False).hexdigest()

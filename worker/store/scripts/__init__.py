"""The atomic steps of a job's life and of a prediction's way: one Lua script each, described in its first lines.

Where a script begins with `allow-oom`, Redis runs it even when its memory is full: what was promised goes on.
"""

import hashlib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from redis import Redis
from redis.exceptions import NoScriptError

Argument = str | bytes | int | float


@cache
def _source(name: str) -> str:
    return (files(__package__) / f"{name}.lua").read_text("utf-8")


def run(redis: Redis, name: str, keys: list[str], *arguments: Argument) -> Any:
    """Run the script `name` in one step. Redis keeps the script after the first call; only its hash travels."""
    return redis.register_script(_source(name))(keys=keys, args=list(arguments))


def send(pipeline: Any, name: str, keys: Sequence[str], *arguments: Argument) -> None:
    """Put a call of the script `name` into a pipeline, by its hash alone; `executed` sends it."""
    pipeline.evalsha(_digest(name), len(keys), *keys, *arguments)


def executed(redis: Redis, pipeline: Any) -> list[Any]:
    """What the commands of a pipeline gave. A server that has forgotten the scripts is told them, and asked again."""
    commands = list(pipeline.command_stack)
    send_again: Any = redis.execute_command
    answers = list(pipeline.execute(raise_on_error=False))
    if any(isinstance(answer, NoScriptError) for answer in answers):
        for name in _known():
            redis.script_load(_source(name))
        for place, (arguments, options) in enumerate(commands):
            if isinstance(answers[place], NoScriptError):
                answers[place] = send_again(*arguments, **options)
    for answer in answers:
        if isinstance(answer, Exception):
            raise answer
    return answers


@cache
def _digest(name: str) -> str:
    return hashlib.sha1(_source(name).encode(), usedforsecurity=False).hexdigest()


def _known() -> list[str]:
    return [path.name.removesuffix(".lua") for path in files(__package__).iterdir() if path.name.endswith(".lua")]

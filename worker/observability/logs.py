"""Logs: one JSON line an event on stderr, and the last lines of the running job where the main process can read them.

A line says what happened (`event`) and to which record, attempt and token. It never holds data, nor a secret.
"""

import logging
import logging.config
import os
from collections.abc import MutableMapping
from datetime import UTC, datetime
from multiprocessing.sharedctypes import RawArray, RawValue
from typing import Any, Final, NamedTuple

from worker.observability.json_lines import configuration, fields_of

TAIL_BYTES: Final = 4096
TAIL_LINES: Final = 20
RUNNING_BYTES: Final = 128

Logger = logging.Logger | logging.LoggerAdapter[logging.Logger]


class _About(logging.LoggerAdapter[logging.Logger]):
    """Adds its own fields to those of each line."""

    def process(self, msg: Any, kwargs: MutableMapping[str, Any]) -> tuple[Any, MutableMapping[str, Any]]:
        kwargs["extra"] = {**(self.extra or {}), **kwargs.get("extra", {})}
        return msg, kwargs


def about(logger: logging.Logger, **fields: str | int) -> Logger:
    """A logger whose lines carry these fields."""
    return _About(logger, fields)


class Running(NamedTuple):
    """A job that is being run: its owner's token, and the process."""

    identifier: str
    token: int
    pid: int


class Tail(logging.Handler):
    """Which job runs, and the last lines about it, in memory that parent and child share: it outlives the child."""

    def __init__(self) -> None:
        super().__init__()
        self._bytes = RawArray("c", TAIL_BYTES)
        self._length = RawValue("i", 0)
        self._running = RawArray("c", RUNNING_BYTES)

    def begin(self, identifier: str, token: int) -> None:
        """The job begins in this process; the lines of the one before are over."""
        self._length.value = 0
        self._running.value = f"{identifier} {token} {os.getpid()}".encode()

    def end(self) -> None:
        """No job runs."""
        self._running.value = b""

    def running(self) -> Running | None:
        """The job that runs, or ran when its child died."""
        parts = self._running.value.decode().split()
        return Running(parts[0], int(parts[1]), int(parts[2])) if len(parts) == 3 else None

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the line, if it is about a job; the oldest make room."""
        if not hasattr(record, "record_id"):
            return
        fields = " ".join(
            f"{name}={value}" for name, value in fields_of(record).items() if name not in {"record_id", "token"}
        )
        moment = datetime.fromtimestamp(record.created, UTC).strftime("%H:%M:%S.%f")[:-3]
        line = f"{moment} {record.levelname.lower()} {record.getMessage()} {fields}".rstrip().replace("\n", " ")
        whole = self._bytes[: self._length.value] + line.encode()[: TAIL_BYTES // 4] + b"\n"
        while len(whole) > TAIL_BYTES:
            whole = whole.partition(b"\n")[2]
        self._bytes[: len(whole)] = whole
        self._length.value = len(whole)

    def lines(self) -> list[str]:
        """The last lines, oldest first."""
        whole: bytes = self._bytes[: self._length.value]
        return whole.decode(errors="replace").splitlines()[-TAIL_LINES:]


def set_up(level: str, tail: Tail | None = None) -> None:
    """Log to stderr from now on."""
    logging.config.dictConfig(configuration(level))
    if tail is not None:
        logging.getLogger().addHandler(tail)

"""Lines of a log as JSON: one object an event. It imports nothing of ours, for gunicorn reads it before all else."""

import logging
import traceback
from datetime import UTC, datetime
from typing import Any, Final

import orjson

PLAIN: Final = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName", "data"}
"""What every record has; the rest is what the event is about."""


class JsonFormatter(logging.Formatter):
    """`{"time", "level", "logger", "event", …}`."""

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
            **fields_of(record),
        }
        if record.exc_info and record.exc_info[1] is not None:
            line["traceback"] = "".join(traceback.format_exception(record.exc_info[1]))
        return orjson.dumps(line, default=str, option=orjson.OPT_UTC_Z | orjson.OPT_SERIALIZE_NUMPY).decode()


def configuration(level: str) -> dict[str, Any]:
    """Lines of JSON on stderr, as `logging.config` takes it."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": JsonFormatter}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"level": level.upper(), "handlers": ["stderr"]},
    }


def fields_of(record: logging.LogRecord) -> dict[str, Any]:
    """What the event is about."""
    return {name: value for name, value in record.__dict__.items() if name not in PLAIN}

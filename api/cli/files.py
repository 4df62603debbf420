"""Files that a person names on the command line."""

import sys
from pathlib import Path
from typing import Any, Final

import click
import orjson

A_FILE: Final = click.Path(path_type=Path, exists=True, dir_okay=False)

STANDARD_INPUT: Final = "-"


def read_object(path: Path, what: str) -> dict[str, Any]:
    """The JSON object in a file, or from stdin; a usage error where it holds another thing."""
    try:
        text = sys.stdin.buffer.read() if str(path) == STANDARD_INPUT else path.read_bytes()
        body = orjson.loads(text)
    except OSError as error:
        raise click.UsageError(f"cannot read {path}: {error.strerror}") from None
    except orjson.JSONDecodeError as error:
        raise click.UsageError(f"{path} is not JSON: {error}") from None
    if not isinstance(body, dict):
        raise click.UsageError(f"{path}: expected a JSON object, {what}")
    return body

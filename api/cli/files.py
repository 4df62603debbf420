"""Files that a person names on the command line."""

import sys
from pathlib import Path
from typing import Any, Final

import click
import orjson

A_FILE: Final = click.Path(path_type=Path, exists=True, dir_okay=False)

STANDARD_INPUT: Final = "-"


def read_json(path: Path, *, hint: str = "") -> Any:
    """What stands in a JSON file, or comes from stdin; a usage error, with the hint, where it is none."""
    try:
        return orjson.loads(sys.stdin.buffer.read() if str(path) == STANDARD_INPUT else path.read_bytes())
    except OSError as error:
        raise click.UsageError(f"cannot read {path}: {error.strerror}") from None
    except orjson.JSONDecodeError as error:
        raise click.UsageError(f"{path} is not JSON: {error}{hint}") from None


def read_object(path: Path, what: str) -> dict[str, Any]:
    """The JSON object in a file, or from stdin; a usage error where it holds another thing."""
    body = read_json(path)
    if not isinstance(body, dict):
        raise click.UsageError(f"{path}: expected a JSON object, {what}")
    return body

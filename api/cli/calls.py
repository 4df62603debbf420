"""What all commands that call a server have in common: where it is, how they answer, and how they end."""

import functools
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any, Final

import click
import orjson
from click.shell_completion import CompletionItem
from pydantic import BaseModel
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from api.cli.url import checked_url
from neurond import DEFAULT_URL, ApiError, Client, ClientError, UnreachableError
from neurond.local_key import source_of_key

PATIENCE_SECONDS: Final = 5.0
COMPLETION_SECONDS: Final = 1.0
COMPLETIONS: Final = 50
WIDE: Final = 200
"""Columns of a table that goes to a file or another program: nothing is cut there."""

FOLDED: Final = ("NAME", "DATA SET", "PREDICTION")
"""Columns of names, which may be long."""

NAME_WIDTH: Final = 12
"""Columns of the terminal that names have at least."""

GAP: Final = 3
"""Columns of the terminal between two of the table."""

UNAUTHORIZED: Final = 401
NOT_FOUND: Final = 404

json_option = click.option("--json", "as_json", is_flag=True, help="Answer in JSON, for scripts.")


class Refused(click.ClickException):
    """Raised when the server refused, or there is no such thing."""

    exit_code = 1


class Unreachable(click.ClickException):
    """Raised when no server answered."""

    exit_code = 3


class Unsuccessful(click.ClickException):
    """Raised when the job failed or was cancelled, or the data set cannot be used."""

    exit_code = 4


def calls_server(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command a client as its first argument; what goes wrong becomes a line and an exit code."""

    @click.option(
        "--url",
        callback=checked_url,
        envvar="NEUROND_URL",
        show_envvar=True,
        default=DEFAULT_URL,
        show_default=True,
        help="The server.",
    )
    @functools.wraps(command)
    def call(*, url: str, **options: Any) -> None:
        try:
            with Client(url, patience=PATIENCE_SECONDS) as client:
                command(client, **options)
        except UnreachableError as error:
            raise Unreachable(str(error)) from None
        except ApiError as error:
            raise Refused(f"{error}{_about_key(url) if error.status == UNAUTHORIZED else ''}") from None
        except ClientError as error:
            raise Unsuccessful(str(error)) from None

    return call


def _about_key(url: str) -> str:
    """Where the key that was refused came from, or where one can be put."""
    source = source_of_key(url)
    if source is not None:
        return f"; it came from {source}"
    return "; put the key into NEUROND_API_KEY, or its file's path into NEUROND_API_KEY_FILE"


def completes(path: str) -> Callable[[click.Context, click.Parameter, str], list[CompletionItem]]:
    """Complete an ID or a name in the shell from the newest of a list of the server, if it answers at once."""

    def complete(context: click.Context, _: click.Parameter, begun: str) -> list[CompletionItem]:
        try:
            with Client(context.params.get("url"), timeout=COMPLETION_SECONDS, patience=0) as client:
                found = list(getattr(client, path)(limit=COMPLETIONS))
                called = [one.name for one in found if one.name]
                names = [name for name in called if called.count(name) == 1 and not any(map(str.isspace, name))]
                known = {one.id: one.name for one in found} | dict.fromkeys(names)
                return [CompletionItem(text, help=said) for text, said in known.items() if text.startswith(begun)]
        except ClientError:
            return []

    return complete


def print_json(answer: BaseModel | dict[str, Any] | Iterable[BaseModel | dict[str, Any]]) -> None:
    """One JSON value on a line of its own."""
    value = _plain(answer) if isinstance(answer, BaseModel | dict) else list(map(_plain, answer))
    click.echo(orjson.dumps(value).decode())


def _plain(answer: BaseModel | dict[str, Any]) -> dict[str, Any]:
    return answer.model_dump(mode="json") if isinstance(answer, BaseModel) else answer


def make_console(*, stderr: bool = False) -> Console:
    """The terminal; or, to a file or another program, lines that are wide enough for all that stands in them."""
    console = Console(stderr=stderr, highlight=False)
    return console if console.is_terminal else Console(stderr=stderr, highlight=False, width=WIDE)


def print_table(columns: Iterable[str], rows: Iterable[Iterable[str | Text]], *, spare: Iterable[str] = ()) -> None:
    """A table; numbers stand to the right where their column's name ends with a blank.

    Where the terminal is too narrow, columns of `spare` are left out, the first first, and names go on in the next
    line: nothing is cut.
    """
    console = make_console()
    by_name: dict[str, list[str | Text]] = dict(zip(columns, map(list, zip(*rows, strict=True)), strict=False))
    for name in spare:
        if sum(map(_least_width, by_name, by_name.values())) + GAP * len(by_name) > console.width:
            del by_name[name]
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold", show_edge=False)
    for name in by_name:
        least = _least_width(name, by_name[name])
        table.add_column(
            name.strip(),
            justify="right" if name.endswith(" ") else "left",
            no_wrap=name not in FOLDED,
            overflow="fold",
            min_width=least,
        )
    for row in zip(*by_name.values(), strict=True):
        table.add_row(*(cell if isinstance(cell, Text) else Text(cell) for cell in row))  # names are no markup
    console.print(table)


def _least_width(name: str, cells: list[str | Text]) -> int:
    """That of the widest cell; of names, less."""
    width = max(len(name), *map(len, cells))
    return min(width, NAME_WIDTH) if name in FOLDED else width


def ago(moment: datetime | None) -> str:
    """How long ago it was, in its largest unit."""
    if moment is None:
        return ""
    seconds = max((datetime.now(UTC) - moment).total_seconds(), 0)
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= size:
            return f"{int(seconds // size)} {unit} ago"
    return f"{int(seconds)} s ago"

"""`neurond up`: the whole service on this machine."""

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NoReturn

import click

from api.cli.services import check_bind, read_settings
from api.local.embedded import EmbeddedError
from api.local.stack import Stack, StackError
from neurond.local_key import DATA_FOLDER, FILE

CHECK_SECONDS: Final = 0.2

ENDS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Ctrl-C, the system, and a terminal that was closed."""


class Interrupted(BaseException):
    """Raised in the main thread when the person, or the system, asks for the end."""


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """Turn the first of `ENDS` into `Interrupted`; while all is being stopped, more of them are ignored.

    Under nohup a closed terminal is no end.
    """
    under_nohup = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    heard = [name for name in ENDS if not (under_nohup and name is signal.SIGHUP)]

    def interrupt(number: int, _frame: Any) -> None:
        for name in heard:
            signal.signal(name, signal.SIG_IGN)
        raise Interrupted(number)

    before = {name: signal.signal(name, interrupt) for name in heard}
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)


def say_at_the_end(line: str, *, err: bool = False) -> None:
    """Say it, unless the terminal was closed; what it does not take would be tried again when Python ends, and fail."""
    with contextlib.suppress(OSError):
        click.echo(line, err=err)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())
            os.close(nowhere)


def stay(stack: Stack) -> NoReturn:
    """Keep the services alive until somebody interrupts."""
    pause = threading.Event()
    while True:
        pause.wait(CHECK_SECONDS)
        stack.check()


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to answer on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="Port to answer on.")
@click.option(
    "--data",
    default=DATA_FOLDER,
    show_default=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for jobs, models and logs.",
)
@click.option("--train-workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Trainings at a time.")
@click.option("--insecure", is_flag=True, help="Listen beyond this machine without API keys.")
@click.option("--key", is_flag=True, help="Want an API key: drawn once, kept in the folder, for you alone.")
def up(host: str, port: int, data: Path, train_workers: int, insecure: bool, key: bool) -> None:
    """Run the whole service on this machine, with no Docker.

    Starts an embedded Valkey (or uses NEUROND_REDIS_URL), the API, training workers and a prediction worker, and starts
    again what dies. Ctrl-C stops everything, and so does closing the terminal; the next 'up' on the same folder finds
    the earlier jobs and models. Without keys, every user and program of this machine may use it: --key keeps them out.
    """
    settings = read_settings()
    if not key:
        check_bind(host, settings, insecure=insecure)
    stack = Stack(
        settings,
        folder=data,
        host=host,
        port=port,
        train_workers=train_workers,
        with_key=key,
        tell=lambda line: click.echo(line, err=True),
    )
    with interruptible():
        try:
            with stack:
                click.echo(f"neurond is ready at {stack.url}")
                if stack.key:
                    click.echo(f"Page, with the key: {stack.url}/#key={stack.key}")
                    click.echo(f"Key, for NEUROND_API_KEY_FILE: {data.absolute() / FILE}")
                click.echo(f"Data and logs: {data.absolute()}. Stop with Ctrl-C.")
                stay(stack)
        except Interrupted:
            say_at_the_end("neurond has stopped; the next 'neurond up' here goes on where it was.")
        except (StackError, EmbeddedError) as error:
            raise click.ClickException(str(error)) from None

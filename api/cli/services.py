"""`neurond api` and `neurond worker`: one service in the foreground, as containers run it."""

import os
import sys
from collections.abc import Mapping
from ipaddress import ip_address

import click

from api.local.commands import api_command, api_environment, worker_command, worker_environment
from worker.environment import without_api_keys
from worker.errors import BlobError, SettingsError
from worker.settings import Settings
from worker.store.blobs import Blobs
from worker.work.kind import QUEUES


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of the environment; what is wrong with them is said in one line."""
    try:
        return Settings.from_environment(environment)
    except SettingsError as error:
        raise click.ClickException(str(error)) from None


def check_bind(host: str, settings: Settings, *, insecure: bool) -> None:
    """Refuse to answer the network, or every page of a browser, without keys.

    Raises:
        click.UsageError: it says the two ways out.
        click.ClickException: the settings do not go together.
    """
    try:
        settings.check_origins()
    except SettingsError as error:
        raise click.ClickException(str(error)) from None
    if settings.has_keys or insecure or host == "localhost":
        return
    try:
        if ip_address(host).is_loopback:
            return
    except ValueError:
        pass
    raise click.UsageError(
        f"without API keys the API answers on loopback only, not on {host}: set NEUROND_API_KEYS, "
        "or say --insecure if everyone who reaches this address may train, read and delete (NEUROND_HOSTS names it)"
    )


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to answer on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="Port to answer on.")
@click.option("--insecure", is_flag=True, help="Listen beyond this machine without API keys.")
def api(host: str, port: int, insecure: bool) -> None:
    """Serve the HTTP API (needs NEUROND_REDIS_URL)."""
    settings = read_settings()
    check_bind(host, settings, insecure=insecure)
    try:
        probe(settings)
    except BlobError as error:
        click.echo(f"Warning: {error}. The API starts all the same; /readyz is 503 until it is mended.", err=True)
    address = f"[{host}]" if ":" in host else host
    _become(api_command(f"{address}:{port}"), api_environment(host, settings))


@click.command()
@click.argument("queue", type=click.Choice(QUEUES))
def worker(queue: str) -> None:
    """Run one worker of a queue (needs NEUROND_REDIS_URL and NEUROND_BLOB_URL)."""
    settings = read_settings(without_api_keys(os.environ))
    try:
        probe(settings)
    except BlobError as error:
        raise click.ClickException(str(error)) from None
    _become(worker_command(queue, settings, f"{queue}-{os.getpid()}"), worker_environment(queue, settings))


def probe(settings: Settings) -> None:
    """Try the blob store, in the process that then becomes the service: what is wrong is said at once.

    Raises:
        BlobError: it cannot be used; the message names the variable.
    """
    Blobs(settings.blob_url).probe()


def _become(command: list[str], environment: Mapping[str, str]) -> None:
    """Replace this process, so that signals reach the service itself, process 1 of its container."""
    sys.stdout.flush()
    os.execve(command[0], command, environment)  # noqa: S606  # the command is ours

"""`neurond health`: is the service of this container at work; for health checks, so it says little and exits 0 or 1."""

import socket

import click
from redis.exceptions import RedisError

from api.cli.services import read_settings
from api.client import Client
from worker.queue import QUEUES
from worker.store import Store


@click.command()
@click.argument("service", type=click.Choice(["api", *QUEUES]))
@click.option("--url", default="http://127.0.0.1:8000", show_default=True, help="Where the API answers.")
def health(service: str, url: str) -> None:
    """Exit with 0 if the API is ready, or if this host's worker of a queue was seen lately."""
    if service == "api":
        with Client(url, timeout=5.0) as client:
            healthy = client.ready()
    else:
        try:
            seen = Store.open(read_settings()).workers.names(service)
        except RedisError as error:
            raise click.ClickException(f"Redis cannot be reached: {error}") from None
        healthy = any(name.endswith(f"@{socket.gethostname()}") for name in seen)
    if not healthy:
        raise click.ClickException(f"{service} is not ready")

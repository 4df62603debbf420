"""`neurond health`: is the service of this container at work; for health checks, so it says little and exits 0 or 1."""

import socket
import urllib.request

import click
from redis.exceptions import RedisError

from api.cli.services import read_settings
from api.cli.url import checked_url
from worker.store import Store
from worker.work.kind import QUEUES

SECONDS = 5.0


@click.command()
@click.argument("service", type=click.Choice(["api", *QUEUES]))
@click.option(
    "--url", callback=checked_url, default="http://127.0.0.1:8000", show_default=True, help="Where the API answers."
)
def health(service: str, url: str) -> None:
    """Exit with 0 if the API is ready, or if this host's worker of a queue was seen lately."""
    if service == "api":
        try:
            with urllib.request.urlopen(f"{url}/readyz", timeout=SECONDS):  # noqa: S310  # who calls names it
                healthy = True
        except OSError:
            healthy = False
    else:
        try:
            seen = Store.open(read_settings()).workers.names(service)
        except RedisError as error:
            raise click.ClickException(f"Redis cannot be reached: {error}") from None
        healthy = any(name.endswith(f"@{socket.gethostname()}") for name in seen)
    if not healthy:
        raise click.ClickException(f"{service} is not ready")

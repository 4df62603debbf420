"""`neurond greet`: a word from the service."""

import click

from api.cli.calls import calls_server
from neurond import Client


@click.command()
@calls_server
def greet(client: Client) -> None:
    """Greet the service at its address."""
    click.echo("hello, " if client.ready() else "nobody is there")

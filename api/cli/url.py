"""The option `--url` of the commands that call a server."""

import click

from neurond.urls import check_server_url


def checked_url(_context: click.Context, _parameter: click.Parameter, url: str) -> str:
    """The URL as it came; a usage error when it is none."""
    try:
        check_server_url(url)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None
    return url

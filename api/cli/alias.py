"""`neurond alias`: names that stand for models."""

import click

from api.cli import names
from api.cli.calls import ago, calls_server, completes, json_option, print_json, print_table
from neurond import Alias, Client


@click.command()
@click.argument("name", required=False)
@click.argument("model_id", metavar="[MODEL]", required=False, shell_complete=completes("models"))
@json_option
@calls_server
def alias(client: Client, *, name: str | None, model_id: str | None, as_json: bool) -> None:
    """Let NAME stand for MODEL from now on, in one step; without MODEL, tell what it stands for.

    Programs ask the name, and need not know which model is behind it today. Without NAME all names are listed;
    'neurond delete NAME' lets one stand for nothing.
    """
    if name is None:
        _list(list(client.aliases()), as_json=as_json)
    elif model_id is None:
        _list([client.read_alias(name)], as_json=as_json)
    else:
        before = names.read_or_none(client.read_alias, name)
        pointed = client.alias(name, names.model(client, model_id).id)
        if as_json:
            print_json(pointed)
        else:
            earlier = f", and no more for {before.model_id}" if before and before.model_id != pointed.model_id else ""
            click.echo(f"{pointed.name} stands for {pointed.model_id}{earlier}")


def _list(found: list[Alias], *, as_json: bool) -> None:
    if as_json:
        print_json(found)
    elif not found:
        click.echo("No names. 'neurond alias NAME MODEL' makes one.", err=True)
    else:
        rows = ((one.name, one.model_id, ago(one.updated_at)) for one in found)
        print_table(("NAME", "MODEL", "SINCE"), rows, spare=("SINCE",))

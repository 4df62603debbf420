"""`neurond delete`: jobs, models, data sets and aliases."""

import sys
from typing import get_args

import click

from api.cli import names
from api.cli.calls import Refused, calls_server, completes, json_option, print_json
from api.cli.names import Kind, Thing
from neurond import Alias, ApiError, Client, Dataset, Job


@click.command()
@click.argument("texts", metavar="THING…", nargs=-1, required=True, shell_complete=completes("models"))
@click.option("--kind", type=click.Choice(get_args(Kind)), help="What is meant, where several have the name.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@json_option
@calls_server
def delete(client: Client, *, texts: tuple[str, ...], kind: Kind | None, yes: bool, as_json: bool) -> None:
    """Delete each THING: a data set, a job, a model, or an alias, by its ID or by its name.

    On a terminal it asks before. A model stays when its job, its data set or its alias is deleted. What is still needed
    is refused: a model while an alias stands for it, a data set while a job waits for it, a job that has not ended.
    """
    found = {
        names.identifier(thing): thing
        for thing in (names.only(names.things(client, text, kind), text, kind) for text in texts)
    }
    if not yes and sys.stdin.isatty():
        click.confirm(f"Delete {', '.join(map(names.describe, found.values()))}?", abort=True, err=True)
    gone, refused = [], []
    for thing in found.values():
        try:
            _delete(client, thing)
        except ApiError as error:
            refused.append(str(error))
        else:
            gone.append({"id": names.identifier(thing), "object": thing.object, "deleted": True})
            if not as_json:
                click.echo(f"{names.identifier(thing)} is deleted")
    if as_json:
        print_json(gone)
    if refused:
        raise Refused("; ".join(refused))


def _delete(client: Client, thing: Thing) -> None:
    if isinstance(thing, Alias):
        client.delete_alias(thing.name)
    elif isinstance(thing, Dataset):
        client.delete_dataset(thing.id)
    elif isinstance(thing, Job):
        client.delete_job(thing.id)
    else:
        client.delete_model(thing.id)

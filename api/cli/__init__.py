"""The command line, `neurond`: one small file a group of commands."""

import click

from api.cli.completion import completion
from api.cli.datasets import datasets, upload
from api.cli.demo import demo
from api.cli.health import health
from api.cli.jobs import cancel, jobs, watch
from api.cli.models import export, models
from api.cli.predict import predict
from api.cli.services import api, worker
from api.cli.train import train
from api.cli.up import up

SECTIONS = {
    "The service": (demo, up, api, worker, health),
    "Calls to a running service": (upload, datasets, train, jobs, watch, cancel, models, predict, export),
    "The shell": (completion,),
}


class Sections(click.Group):
    """A group whose help shows its commands by what they are for."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write a list of commands for each section."""
        del ctx
        for title, commands in SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl([(command.name or "", command.get_short_help_str(80)) for command in commands])


@click.group(cls=Sections, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="neurond", prog_name="neurond")
def main() -> None:
    """Train and serve neural networks over HTTP, with NumPy alone.

    Begin with 'neurond demo', then 'neurond up', and in another terminal 'neurond train mnist'.
    NEUROND_URL names the server that is called, NEUROND_API_KEY the key.
    """


for commands in SECTIONS.values():
    for command in commands:
        main.add_command(command)

"""The command line, `neurond`: one small file a command."""

import click

from api.cli.demo import demo
from api.cli.health import health
from api.cli.services import api, worker
from api.cli.up import up


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="neurond", prog_name="neurond")
def main() -> None:
    """Train and serve neural networks over HTTP, with NumPy alone.

    Begin with 'neurond demo', then 'neurond up'.
    """


for command in (demo, up, api, worker, health):
    main.add_command(command)

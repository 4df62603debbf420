"""The command line, `neurond`: one small file a group of commands, read when one of its commands is asked for."""

from importlib import import_module
from typing import Any, Final

import click

INTERRUPTED: Final = 130
"""Exit code of a program that Ctrl-C ended: 128 + SIGINT."""

SECTIONS: Final = {
    "The service": {
        "demo": "demo",
        "up": "up",
        "api": "services",
        "worker": "services",
        "health": "health",
    },
    "Calls to a running service": {
        "upload": "upload",
        "datasets": "datasets",
        "train": "train",
        "jobs": "jobs",
        "watch": "jobs",
        "cancel": "jobs",
        "models": "models",
        "predict": "predict",
        "alias": "alias",
        "export": "models",
        "import": "models",
        "show": "show",
        "delete": "delete",
    },
    "The shell": {"completion": "completion"},
}
"""The commands by what they are for, each with the module of this package where it stands.

Health checks run every few seconds, and a person waits for every command: none pays for what another one imports.
"""

MODULES: Final = {command: module for commands in SECTIONS.values() for command, module in commands.items()}

WHOLE: Final = 1000
"""Characters that a command's first sentence may have in the list of all: it is never cut."""


class Sections(click.Group):
    """A group whose commands are imported when they are asked for, and whose help shows them by what they are for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands."""
        del ctx
        return list(MODULES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, None when there is none of that name."""
        del ctx
        if cmd_name not in MODULES:
            return None
        module = import_module(f"{__name__}.{MODULES[cmd_name]}")
        commands = (value for value in vars(module).values() if isinstance(value, click.Command))
        return next(command for command in commands if command.name == cmd_name)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command. Ctrl-C ends it in one way at every moment, also while the command is still read."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise SystemExit(INTERRUPTED) from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write a list of commands for each section."""
        for title, names in SECTIONS.items():
            commands = [(name, self.get_command(ctx, name)) for name in names]
            with formatter.section(title):
                formatter.write_dl([(name, command.get_short_help_str(WHOLE)) for name, command in commands if command])


@click.group(cls=Sections, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="neurond", prog_name="neurond")
def main() -> None:
    """Train and serve neural networks over HTTP, with NumPy alone.

    Begin with 'neurond demo', then 'neurond up', and in another terminal 'neurond train mnist'.
    NEUROND_URL names the server that is called, NEUROND_API_KEY the key, or NEUROND_API_KEY_FILE its file.
    """

"""`neurond completion`: let the shell complete commands, options and IDs."""

import click
from click.shell_completion import get_completion_class


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print what makes SHELL complete 'neurond' commands, options and IDs.

    \b
    bash:  echo 'eval "$(neurond completion bash)"' >> ~/.bashrc
    zsh:   echo 'eval "$(neurond completion zsh)"' >> ~/.zshrc
    fish:  neurond completion fish > ~/.config/fish/completions/neurond.fish
    """  # noqa: D301  # \b keeps click from joining the lines
    kind = get_completion_class(shell)
    if kind is None:  # click knows all three
        raise click.UsageError(f"no completion for {shell}")
    click.echo(kind(context.find_root().command, {}, "neurond", "_NEUROND_COMPLETE").source())

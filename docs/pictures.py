"""Draws the pictures of the documentation: runs commands in a real terminal (tmux) and keeps its screen as SVG.

python docs/pictures.py [demo] [train]      needs tmux; the neurond of this Python's environment is run
"""

import io
import os
import re
import shlex
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.text import Text

from api.local.stack import Stack
from neurond import Client
from worker.settings import Settings

DOCS = Path(__file__).parent
COLUMNS, LINES = 84, 72
SESSION = "neurond-picture"
NEUROND = Path(sys.executable).with_name("neurond")


def tmux(*arguments: str) -> str:
    """Run one tmux command; gives what it printed."""
    return subprocess.run(["tmux", *arguments], capture_output=True, text=True, check=True).stdout


def record(arguments: str, url: str = "") -> str:
    """The screen after `neurond …`, with its colours."""
    settings = f"COLORTERM=truecolor NEUROND_URL={shlex.quote(url)}"
    command = f"{settings} {shlex.quote(str(NEUROND))} {arguments}; tmux wait-for -S {SESSION}; sleep 5"
    tmux("new-session", "-d", "-s", SESSION, "-x", str(COLUMNS), "-y", str(LINES), command)
    tmux("wait-for", SESSION)
    time.sleep(0.3)
    screen = tmux("capture-pane", "-e", "-p", "-t", SESSION)
    tmux("kill-session", "-t", SESSION)
    return screen.rstrip()


def draw(name: str, arguments: str, screen: str) -> None:
    """Write the picture of a command and its screen."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    console.print(f"[bold green]$[/] neurond {arguments}", highlight=False)
    console.print(Text.from_ansi(screen))
    console.print()  # the last line's descenders would be cut
    console.save_svg(str(DOCS / f"{name}.svg"), title=f"neurond {arguments.split()[0]}")


def demo() -> None:
    """The README's."""
    draw("demo", "demo", record("demo"))


def train() -> None:
    """The tutorial's: its own data, its own command."""
    page = (DOCS / "tutorial.md").read_text("utf-8")
    [make_data] = re.findall(r"```sh\n(python3 - .*?)```", page, re.DOTALL)
    [command] = re.findall(r"^neurond (train .*)$", page, re.MULTILINE)
    with tempfile.TemporaryDirectory(prefix="neurond-") as folder:
        subprocess.run(["bash", "-euc", make_data], cwd=folder, check=True)
        settings = Settings.from_environment()
        with (
            Stack(settings, folder=Path(folder, "data"), host="127.0.0.1", port=0, tell=print) as stack,
            Client(stack.url) as client,
        ):
            client.upload(Path(folder, "guests.csv"), name="guests", target="returns").wait()
            draw("train", command, record(command, stack.url))


PICTURES = {"demo": demo, "train": train}


def main() -> None:
    """Draw those that are named, or all."""
    os.chdir(DOCS.parent)
    for name in sys.argv[1:] or PICTURES:
        PICTURES[name]()


if __name__ == "__main__":
    main()

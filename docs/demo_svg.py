"""Draws the README's picture: runs `neurond demo` in a real terminal (tmux) and keeps the screen as `docs/demo.svg`.

python docs/demo_svg.py            needs tmux; the neurond of this Python's environment is run
"""

import io
import shlex
import subprocess
import sys
import time
from pathlib import Path

from rich.console import Console
from rich.text import Text

COLUMNS, LINES = 84, 72
SESSION = "neurond-demo-picture"
PROMPT = "[bold green]$[/] neurond demo"


def tmux(*arguments: str) -> str:
    """Run one tmux command; gives what it printed."""
    return subprocess.run(["tmux", *arguments], capture_output=True, text=True, check=True).stdout


def record() -> str:
    """The screen after the demo, with its colours."""
    neurond = Path(sys.executable).with_name("neurond")
    command = f"COLORTERM=truecolor {shlex.quote(str(neurond))} demo; tmux wait-for -S {SESSION}; sleep 5"
    tmux("new-session", "-d", "-s", SESSION, "-x", str(COLUMNS), "-y", str(LINES), command)
    tmux("wait-for", SESSION)
    time.sleep(0.3)
    screen = tmux("capture-pane", "-e", "-p", "-t", SESSION)
    tmux("kill-session", "-t", SESSION)
    return screen.rstrip()


def main() -> None:
    """Record, and write the picture."""
    screen = Text.from_ansi(record())
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    console.print(PROMPT, highlight=False)
    console.print(screen)
    console.save_svg(str(Path(__file__).with_name("demo.svg")), title="neurond demo")


if __name__ == "__main__":
    main()

"""Commands in a terminal of 80 columns: what a person sees there, and how each command ended.

One process has read all commands, and forks for each; so hundreds of them take seconds.
"""

import json
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

COLUMNS: Final = 80

DRIVER: Final = """
import fcntl, json, os, pty, struct, sys, termios
from api.cli import MODULES, main
for name in MODULES:
    main.get_command(None, name)

def run(words, folder, environment, keys):
    pid, terminal = pty.fork()
    if pid == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 50, COLUMNS, 0, 0))
        os.chdir(folder)
        os.environ.update(environment)
        try:
            main(words, prog_name="neurond")
        finally:
            sys.stdout.flush()
    os.write(terminal, keys.encode())
    shown = b""
    while True:
        try:
            shown += (part := os.read(terminal, 65536))
        except OSError:  # so a terminal says that its last process has ended
            part = b""
        if not part:
            break
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), shown.decode()

json.dump([run(*one) for one in json.load(sys.stdin)], sys.stdout)
"""


@dataclass(frozen=True)
class Seen:
    """How a command ended, and what stands on the terminal then."""

    code: int
    screen: str


def run(
    commands: Sequence[str], folder: Path, environments: Sequence[Mapping[str, str]], *, keys: str = ""
) -> list[Seen]:
    """Run each command in `folder`, with its environment; `keys` are what is typed meanwhile."""
    asked = [
        (command.split(), str(folder), dict(environment), keys)
        for command, environment in zip(commands, environments, strict=True)
    ]
    driver = DRIVER.replace("COLUMNS", str(COLUMNS))
    done = subprocess.run(
        [sys.executable, "-c", driver], input=json.dumps(asked), capture_output=True, text=True, timeout=110
    )
    assert done.returncode == 0, done.stderr
    return [Seen(code, screen_of(shown)) for code, shown in json.loads(done.stdout)]


def screen_of(shown: str) -> str:
    """What is left on a terminal: lines are written over and erased as rich does it, and colours are left out."""
    lines, row, column = [""], 0, 0
    for part in re.findall(r"\x1b\[[?0-9;]*[a-zA-Z]|\r|\n|[^\x1b\r\n]+", shown):
        if part == "\r":
            column = 0
        elif part == "\n":
            row += 1
            lines += [""] * (row + 1 - len(lines))
        elif part.startswith("\x1b"):
            count = int(part[2:-1]) if part[2:-1].isdigit() else 1
            if part.endswith("A"):
                row = max(row - count, 0)
            elif part.endswith("K"):
                lines[row] = "" if count == 2 else lines[row][:column]
        else:
            lines[row] = lines[row].ljust(column)[:column] + part + lines[row][column + len(part) :]
            column += len(part)
    return "\n".join(line.rstrip() for line in lines).strip("\n")

"""Commands in a terminal of 80 columns: what a person sees there, and how each command ended.

One process has read all commands, and forks for each; so hundreds of them take seconds.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

COLUMNS: Final = 80

DRIVER: Final = """
import fcntl, gc, json, os, pty, struct, sys, termios
import anyio, httpcore  # which httpx reads with its first request
import api.cli.calls
from api.cli import MODULES, main
for name in MODULES:
    main.get_command(None, name)
gc.freeze()  # a fork that collects would copy all memory
patience, commands = json.load(sys.stdin)
if patience is not None:
    api.cli.calls.PATIENCE_SECONDS = patience

def run(words, folder, environment, keys):
    pid, terminal = pty.fork()
    if pid == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 50, COLUMNS, 0, 0))
        os.chdir(folder)
        os.environ.update(environment)
        try:
            main(words, prog_name="neurond")
        except SystemExit as end:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(end.code or 0)  # to take the interpreter apart takes four times as long as the command
    os.write(terminal, keys.encode())
    shown = b""
    while True:
        try:
            part = os.read(terminal, 65536)
        except OSError:  # so a terminal says that its last process has ended
            part = b""
        if not part:
            break
        shown += part
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), shown.decode()

json.dump([run(*command) for command in commands], sys.stdout)
"""


@dataclass(frozen=True)
class Typed:
    """A command as it is typed, without the program's name, and what the environment says."""

    words: str
    environment: Mapping[str, str]
    keys: str = ""


@dataclass(frozen=True)
class Seen:
    """How a command ended, and what stands on the terminal then."""

    code: int
    screen: str


def run(commands: Sequence[Typed], folder: Path, *, patience: float | None = None) -> list[Seen]:
    """Run each command in `folder`; `patience`: the seconds for which one tries again, in place of the usual ones."""
    asked = [(typed.words.split(), str(folder), dict(typed.environment), typed.keys) for typed in commands]
    done = subprocess.run(
        [sys.executable, "-c", DRIVER.replace("COLUMNS", str(COLUMNS))],
        env={name: value for name, value in os.environ.items() if not name.startswith("NEUROND_")},
        input=json.dumps([patience, asked]),
        capture_output=True,
        text=True,
        timeout=110,
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

"""Runs a module as a program, `python -m`, with our packages before all others of their names.

    python -P worker/launch.py MODULE [ARGUMENT …]

`api` and `worker` are what web projects call folders of their own, and the folder where somebody stands comes before
what is installed, for `python -m` as for gunicorn and Celery. So the folder that this file came from is looked into
first, and the current one last. gunicorn and Celery leave it there: what is on the path already they do not put first.
"""

import runpy
import sys
from pathlib import Path


def command(module: str, *arguments: str) -> list[str]:
    """The command line that runs it so, in this Python."""
    return [sys.executable, "-P", __file__, module, *arguments]


def main() -> None:
    """Run the module that the command line names."""
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    sys.path.append(str(Path.cwd()))
    module, *arguments = sys.argv[1:]
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()

"""One target under atheris, in a process of its own: `python -m benchmarks.fuzz.child TARGET OPTION… FOLDER…`."""

import sys
from importlib import import_module

from benchmarks.fuzz.targets import TARGETS

INSTRUMENTED = ["nn", "worker", "api"]


def main() -> None:
    """Run until the time is over, or an input breaks it; options and folders are libFuzzer's."""
    import atheris

    name, *options = sys.argv[1:]
    with atheris.instrument_imports(include=INSTRUMENTED):
        target = import_module(TARGETS[name].module)
    atheris.Setup([sys.argv[0], *options], target.one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()

"""`python -m benchmarks NAME [--json FILE] …`: one module a measurement, one line in this table."""

import argparse
from importlib import import_module

BENCHMARKS = {
    "abuse": "attacks at full size, while another client asks: is it answered in time, and what is left behind?",
    "accuracy": "how well digits are read, recipe by recipe",
    "article": "the article's network through the API, against the article's own loop",
    "faults": "kills, stops, fills and damages what it can, and looks for what was lost",
    "fuzz": "bytes of every kind, guided by coverage: does any reader break?",
    "inference": "predictions, against LitServe, BentoML, MLServer and Celery as it is most often used",
    "jobs": "reading jobs where ten thousand are kept",
    "report": "writes the README's figures from benchmarks/results/",
    "soak": "thousands of small jobs: does anything grow?",
    "service": "training through the service, against nn alone",
    "tables": "how good models of tables are, beside gradient boosting",
    "training": "how fast a network learns, beside PyTorch, JAX, scikit-learn and bare matrix products",
}


def parser() -> argparse.ArgumentParser:
    """Each module has `add_arguments` and `run`."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    names = parser.add_subparsers(dest="name", required=True)
    for name, title in BENCHMARKS.items():
        import_module(f"benchmarks.{name}").add_arguments(names.add_parser(name, help=title, description=title))
    return parser


def main() -> None:
    """Run the measurement that is named."""
    arguments = parser().parse_args()
    import_module(f"benchmarks.{arguments.name}").run(arguments)


if __name__ == "__main__":
    main()

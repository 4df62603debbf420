"""Data sets that ship with the package, by name."""

from collections.abc import Callable

from nn import checks
from nn.data import Dataset
from nn.datasets import mnist

DATASETS: dict[str, Callable[[], Dataset]] = {"mnist": mnist.load}


def load(name: str) -> Dataset:
    """The built-in data set called `name`; SpecError if there is none, FormatError if its files are damaged."""
    return checks.lookup(DATASETS, name, "data set")()

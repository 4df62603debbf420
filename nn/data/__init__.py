"""Data on its way in: what a data set is, how one is split, and readers of files from outside."""

from nn.data.dataset import Dataset
from nn.data.split import split

__all__ = ["Dataset", "split"]

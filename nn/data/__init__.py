"""Data on its way in: what a data set is, how one is split, and readers of files from outside."""

from nn.data.column_alignment import read_rows
from nn.data.columns import Column
from nn.data.dataset import Dataset
from nn.data.labels import encode_labels
from nn.data.split import split

__all__ = ["Column", "Dataset", "encode_labels", "read_rows", "split"]

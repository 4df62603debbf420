"""JSON Lines: one row a line, {"x": [numbers], "y": a number or a name}."""

import json

import numpy as np

from nn.data.parse_results import ParsedArrays
from nn.data.readers.reader import Reader


def read(files, options):
    """The rows and their targets."""
    rows = [json.loads(line) for line in files["file"] if line.strip()]
    return ParsedArrays(np.array([row["x"] for row in rows], float), np.array([row["y"] for row in rows]))


JSONL = Reader("jsonl", (b'{"x"',), (".jsonl",), "JSON Lines", arrays=read)

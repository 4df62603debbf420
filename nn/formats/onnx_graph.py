"""A graph of ONNX as it grows: nodes, constants, and formulas over what they give."""

from typing import Any

import numpy as np

from nn.arrays import AnyArray
from nn.formats import onnx_file


class Graph:
    """Nodes and constants as they are added, each with a name of its own."""

    def __init__(self) -> None:
        self.nodes: list[bytes] = []
        self.constants: list[bytes] = []

    def add(self, op: str, *inputs: str, output: str | None = None, **attributes: Any) -> str:
        """A node; the name of what it gives."""
        output = output or f"{op.lower()}_{len(self.nodes)}"
        self.nodes.append(onnx_file.node(op, inputs, output, **attributes))
        return output

    def constant(self, array: AnyArray, *, name: str | None = None, double: bool = False) -> str:
        """A tensor in the file, floating numbers as float32, or as float64 if `double`; its name."""
        name = name or f"constant_{len(self.constants)}"
        if array.dtype.kind == "f":
            array = array.astype(np.float64 if double else np.float32)
        self.constants.append(onnx_file.tensor(name, array))
        return name


class Term:
    """A float64 of the graph, for formulas that NumPy computes with the same signs."""

    def __init__(self, graph: Graph, name: str) -> None:
        self.graph, self.name = graph, name

    def _with(self, op: str, other: Any, *, swapped: bool = False) -> "Term":
        name = other.name if isinstance(other, Term) else self.graph.constant(np.array(float(other)), double=True)
        names = (name, self.name) if swapped else (self.name, name)
        return Term(self.graph, self.graph.add(op, *names))

    def __add__(self, other: Any) -> "Term":
        return self._with("Add", other)

    def __sub__(self, other: Any) -> "Term":
        return self._with("Sub", other)

    def __truediv__(self, other: Any) -> "Term":
        return self._with("Div", other)

    def __rmul__(self, other: Any) -> "Term":
        return self._with("Mul", other, swapped=True)

    def applied(self, op: str) -> "Term":
        """A function of it."""
        return Term(self.graph, self.graph.add(op, self.name))

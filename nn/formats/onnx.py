"""ONNX: the whole model as a graph that other programs run, from raw rows to probabilities (onnx.ai, opset 20).

Input `x`: (batch, input_size) float32 in the data's own units; of tables float64, codes and NaN (`nn.data.columns`).
Outputs: `probabilities` (batch, classes) and `predictions` (batch,) int64, or for a regression `predictions` (batch,
outputs). Written, not read: safetensors and npz are for that.
"""

import json
from collections.abc import Callable
from typing import Any

import numpy as np

from nn import checks
from nn.arrays import AnyArray
from nn.formats import onnx_file
from nn.formats.onnx_file import DOUBLE, FLOAT, INT64, value_info
from nn.formats.tensors import header_of
from nn.layers.pooling import Pooling
from nn.model import Model
from nn.preprocessing import Deslanting, Preprocessing, Scaling, Table
from nn.preprocessing.deslanting import LEAST, STEEPEST

OPSET = 20
IR_VERSION = 9


def write(model: Model) -> bytes:
    """The file's bytes."""
    graph = _Graph()
    name = PREPROCESSING[type(model.preprocessing)](graph, "x", model.preprocessing)
    if len(model.network.input_shape) == 3:
        H, W, channels = model.network.input_shape
        name = graph.add("Reshape", name, graph.constant(np.array([-1, H, W, channels])))
        name = graph.add("Transpose", name, perm=[0, 3, 1, 2])  # ONNX has channels first
    for layer in model.network.layers:
        name = checks.lookup(LAYERS, layer.kind, "onnx: layer")(graph, name, layer)
    outputs = _outputs(graph, model, name)
    number = DOUBLE if model.columns else FLOAT
    whole = onnx_file.encode(
        onnx_file.GRAPH,
        node=graph.nodes,
        name="neurond",
        initializer=graph.constants,
        input=onnx_file.value_info("x", number, ["batch", model.input_size]),
        output=outputs,
    )
    about = {"neurond": json.dumps(header_of(model)), "classes": json.dumps(list(model.classes))}
    return onnx_file.model(whole, ir_version=IR_VERSION, opset=OPSET, producer="neurond", about=about)


class _Graph:
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


def _scaling(graph: _Graph, name: str, scaling: Any) -> str:
    if not scaling.shifts:
        return graph.add("Mul", name, graph.constant(scaling.factor))
    name = graph.add("Sub", graph.add("Cast", name, to=DOUBLE), graph.constant(scaling.shift, double=True))
    name = graph.add("Mul", name, graph.constant(scaling.factor, double=True))
    return graph.add("Cast", name, to=FLOAT)


def _table(graph: _Graph, name: str, table: Any) -> str:
    v = graph.add("Gather", graph.add("Cast", name, to=DOUBLE), graph.constant(table.source), axis=1)
    v = graph.add("Where", graph.add("IsNaN", v), graph.constant(table.fills, double=True), v)
    v = graph.add("Sub", v, graph.constant(table.shift, double=True))
    number = graph.add("Cast", graph.add("Mul", v, graph.constant(table.factor, double=True)), to=FLOAT)
    place = graph.add("Cast", graph.add("Equal", v, graph.constant(np.zeros(1), double=True)), to=FLOAT)
    return graph.add("Where", graph.constant(table.one_hot), place, number)


def _deslanting(graph: _Graph, name: str, deslanting: Any) -> str:
    """Each row times the matrix that moves it: max(0, 1 − |x′ − x − d|), linear interpolation at the distance d."""
    H, W, channels = deslanting.H, deslanting.W, deslanting.channels
    name = _scaling(graph, name, deslanting.scaling)
    moments = graph.add("MatMul", name, graph.constant(deslanting.moments))

    def moment(k: int) -> str:
        return graph.add("Gather", moments, graph.constant(np.array([k])), axis=1)

    least = graph.constant(np.array(LEAST))
    ink = graph.add("Max", moment(0), least)
    y, x, yy, yx = (graph.add("Div", moment(k), ink) for k in range(1, 5))
    covariance = graph.add("Sub", yx, graph.add("Mul", y, x))
    variance = graph.add("Max", graph.add("Sub", yy, graph.add("Mul", y, y)), least)
    steepest = [graph.constant(np.array(sign * STEEPEST)) for sign in (-1, 1)]
    slope = graph.add("Clip", graph.add("Div", covariance, variance), *steepest)
    distance = graph.add("Mul", slope, graph.add("Sub", graph.constant(deslanting.y), y))
    distance = graph.add("Reshape", distance, graph.constant(np.array([-1, H, 1, 1])))
    between = graph.constant(np.arange(W, dtype=float) - np.arange(W)[:, None])
    away = graph.add("Abs", graph.add("Sub", between, distance))
    moving = graph.add("Relu", graph.add("Sub", graph.constant(np.array(1.0)), away))
    image = graph.add("Reshape", name, graph.constant(np.array([-1, H, W, channels])))
    return graph.add("Reshape", graph.add("MatMul", moving, image), graph.constant(np.array([-1, H * W * channels])))


def _outputs(graph: _Graph, model: Model, name: str) -> list[bytes]:
    """The output function, and what the graph gives."""
    if model.task == "regression":
        scaling = model.target_scaling
        name = graph.add("Div", name, graph.constant(scaling.factor))
        graph.add("Add", name, graph.constant(scaling.shift), output="predictions")
        return [value_info("predictions", FLOAT, ["batch", model.network.output_shape[0]])]
    if model.output == "sigmoid":
        p = graph.add("Sigmoid", name)
        other = graph.add("Sub", graph.constant(np.ones(1)), p)
        graph.add("Concat", other, p, output="probabilities", axis=1)
    else:
        graph.add("Softmax", name, output="probabilities", axis=1)
    graph.add("ArgMax", "probabilities", output="predictions", axis=1, keepdims=0)
    return [
        value_info("probabilities", FLOAT, ["batch", len(model.classes)]),
        value_info("predictions", INT64, ["batch"]),
    ]


def _dense(graph: _Graph, name: str, layer: Any) -> str:
    weights = [graph.constant(layer.stored(parameter)) for parameter in layer.parameters]
    return graph.add("Gemm", name, *weights, transB=1)


def _conv(graph: _Graph, name: str, layer: Any) -> str:
    weights = [graph.constant(layer.stored(parameter)) for parameter in layer.parameters]
    return graph.add("Conv", name, *weights, strides=[layer.stride] * 2, pads=[layer.padding] * 4)


def _pool(op: str) -> Callable[[_Graph, str, Any], str]:
    def emit(graph: _Graph, name: str, layer: Pooling) -> str:
        return graph.add(op, name, kernel_shape=[layer.size] * 2, strides=[layer.size] * 2)

    return emit


def _batch_norm(graph: _Graph, name: str, layer: Any) -> str:
    tensors = [graph.constant(a) for a in (layer.gamma, layer.beta, layer.running_mean, layer.running_var)]
    return graph.add("BatchNormalization", name, *tensors, epsilon=layer.epsilon)


def _activation(graph: _Graph, name: str, layer: Any) -> str:
    op, attributes = OPERATORS[layer.kind]
    if op is None:
        return name
    if layer.kind == "silu":
        return graph.add("Mul", name, graph.add("Sigmoid", name))
    return graph.add(op, name, **attributes)


OPERATORS: dict[str, tuple[str | None, dict[str, Any]]] = {
    "elu": ("Elu", {"alpha": 1.0}),
    "gelu": ("Gelu", {"approximate": "tanh"}),
    "leaky_relu": ("LeakyRelu", {"alpha": 0.01}),
    "linear": (None, {}),
    "relu": ("Relu", {}),
    "sigmoid": ("Sigmoid", {}),
    "silu": ("Sigmoid", {}),
    "softplus": ("Softplus", {}),
    "tanh": ("Tanh", {}),
}
"""The operator of each activation, and its attributes."""

PREPROCESSING: dict[type[Preprocessing], Callable[[_Graph, str, Any], str]] = {
    Deslanting: _deslanting,
    Scaling: _scaling,
    Table: _table,
}
"""How numbers are prepared, by the formulas of these classes' docstrings."""

LAYERS: dict[str, Callable[[_Graph, str, Any], str]] = {
    **dict.fromkeys(OPERATORS, _activation),
    "average_pool2d": _pool("AveragePool"),
    "batch_norm": _batch_norm,
    "conv2d": _conv,
    "dense": _dense,
    "dropout": lambda _, name, __: name,
    "flatten": lambda graph, name, _: graph.add("Flatten", name, axis=1),
    "max_pool2d": _pool("MaxPool"),
}

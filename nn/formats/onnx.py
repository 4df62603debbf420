"""ONNX: the whole model as a graph that other programs run, from raw rows to probabilities (onnx.ai, opset 20).

Input `x`: (batch, input_size) float32 in the data's own units; of tables float64, codes, seconds and NaN
(`nn.data.columns`).
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
from nn.formats.onnx_graph import Graph, Term
from nn.formats.tensors import header_of
from nn.layers.pooling import Pooling
from nn.model import Model
from nn.preprocessing import Deslanting, Numbers, Preprocessing, Scaling, Table
from nn.preprocessing.calendar import calendar
from nn.preprocessing.deslanting import LEAST, STEEPEST
from nn.preprocessing.encodings import CalendarParts, Encoding, OneHot, PiecewiseLinear, Scaled
from nn.preprocessing.encodings.calendar_parts import TURN
from nn.preprocessing.encodings.piecewise_linear import SMOOTHING

OPSET = 20
IR_VERSION = 9


def write(model: Model) -> bytes:
    """The file's bytes."""
    graph = Graph()
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


def _scaling(graph: Graph, name: str, scaling: Any) -> str:
    if not scaling.shifts:
        return graph.add("Mul", name, graph.constant(scaling.factor))
    name = graph.add("Sub", graph.add("Cast", name, to=DOUBLE), graph.constant(scaling.shift, double=True))
    name = graph.add("Mul", name, graph.constant(scaling.factor, double=True))
    return graph.add("Cast", name, to=FLOAT)


def _table(graph: Graph, name: str, table: Any) -> str:
    """The features of each kind of column, side by side, then each in the place of its column."""
    x = graph.add("Cast", name, to=DOUBLE)
    parts = []
    for kind, encoding in table.encodings.items():
        values = graph.add("Gather", x, graph.constant(table.sources[kind]), axis=1)
        parts.append(ENCODINGS[type(encoding)](graph, values, encoding))
    order = np.argsort(np.concatenate(list(table.destinations.values())))
    return graph.add("Gather", graph.add("Concat", *parts, axis=1), graph.constant(order), axis=1)


def _numbers(graph: Graph, name: str, numbers: Any) -> str:
    return ENCODINGS[type(numbers.encoding)](graph, graph.add("Cast", name, to=DOUBLE), numbers.encoding)


def _filled(graph: Graph, values: str, fill: AnyArray) -> str:
    return graph.add("Where", graph.add("IsNaN", values), graph.constant(fill, double=True), values)


def _scaled(graph: Graph, values: str, encoding: Any) -> str:
    v = graph.add("Sub", _filled(graph, values, encoding.fill), graph.constant(encoding.scaling.shift, double=True))
    return graph.add("Cast", graph.add("Mul", v, graph.constant(encoding.scaling.factor, double=True)), to=FLOAT)


def _one_hot(graph: Graph, values: str, encoding: Any) -> str:
    v = graph.add("Gather", values, graph.constant(encoding.source), axis=1)
    return graph.add("Cast", graph.add("Equal", v, graph.constant(encoding.codes, double=True)), to=FLOAT)


def _piecewise_linear(graph: Graph, values: str, encoding: Any) -> str:
    def double(array: AnyArray) -> str:
        return graph.constant(np.asarray(array, np.float64), double=True)

    v = _filled(graph, values, encoding.fill)
    t = graph.add("Mul", graph.add("Sub", v, double(encoding.shift)), double(encoding.factor))
    bent = graph.add("Div", t, double(np.array(SMOOTHING)))
    bent = graph.add("Sqrt", graph.add("Add", graph.add("Mul", bent, bent), double(np.array(1.0))))
    share = graph.add("Gather", v, graph.constant(encoding.source), axis=1)
    share = graph.add("Mul", graph.add("Sub", share, double(encoding.low)), double(encoding.slope))
    share = graph.add("Clip", share, double(np.array(0.0)), double(np.array(1.0)))
    lacking = graph.add("Gather", values, graph.constant(encoding.flagged), axis=1)
    lacking = graph.add("Cast", graph.add("IsNaN", lacking), to=DOUBLE)
    parts = graph.add("Concat", graph.add("Div", t, bent), share, lacking, axis=1)
    order = np.argsort(np.concatenate([encoding.numbers, encoding.binned, encoding.flags]))
    return graph.add("Cast", graph.add("Gather", parts, graph.constant(order), axis=1), to=FLOAT)


def _calendar_parts(graph: Graph, values: str, encoding: Any) -> str:
    numbers, circles = [], []
    for place, (own, cycles) in enumerate(zip(encoding.parts, encoding.cycles, strict=True)):
        s = Term(graph, graph.add("Gather", values, graph.constant(np.array([place])), axis=1))
        parts, over = calendar(s, lambda term: term.applied("Floor"))
        numbers += [parts[part].name for part in own]
        circles += [(TURN * over[part]).applied(turn).name for part in cycles for turn in ("Sin", "Cos")]
    features = [ENCODINGS[type(encoding.numbers)](graph, graph.add("Concat", *numbers, axis=1), encoding.numbers)]
    if circles:
        known = _filled(graph, graph.add("Concat", *circles, axis=1), np.zeros(1))
        features.append(graph.add("Cast", known, to=FLOAT))
    return graph.add("Gather", graph.add("Concat", *features, axis=1), graph.constant(encoding.order), axis=1)


def _deslanting(graph: Graph, name: str, deslanting: Any) -> str:
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


def _outputs(graph: Graph, model: Model, name: str) -> list[bytes]:
    """The output function, and what the graph gives."""

    def mean(name: str) -> str:
        return graph.add("ReduceMean", name, graph.constant(np.array([1])), keepdims=0) if model.members else name

    if model.task == "regression":
        scaling = model.target_scaling
        name = mean(name)
        name = graph.add("Div", name, graph.constant(scaling.factor))
        graph.add("Add", name, graph.constant(scaling.shift), output="predictions")
        return [value_info("predictions", FLOAT, ["batch", model.outputs])]
    if model.output == "sigmoid":
        p = mean(graph.add("Sigmoid", name))
        other = graph.add("Sub", graph.constant(np.ones(1)), p)
        graph.add("Concat", other, p, output="probabilities", axis=1)
    else:
        graph.add("Identity", mean(graph.add("Softmax", name, axis=-1)), output="probabilities")
    graph.add("ArgMax", "probabilities", output="predictions", axis=1, keepdims=0)
    return [
        value_info("probabilities", FLOAT, ["batch", len(model.classes)]),
        value_info("predictions", INT64, ["batch"]),
    ]


def _dense(graph: Graph, name: str, layer: Any) -> str:
    if layer.members:
        return _with_bias(graph, _product(graph, name, layer), layer)
    return graph.add(
        "Gemm", name, *(graph.constant(layer.stored(parameter)) for parameter in layer.parameters), transB=1
    )


def _product(graph: Graph, name: str, layer: Any) -> str:
    """X Wᵀ over the last two axes: Gemm has no others."""
    return graph.add("MatMul", name, graph.constant(np.ascontiguousarray(layer.stored("weight").swapaxes(-1, -2))))


def _with_bias(graph: Graph, name: str, layer: Any) -> str:
    return graph.add("Add", name, graph.constant(layer.stored("bias"))) if layer.bias else name


def _embedding(graph: Graph, name: str, layer: Any) -> str:
    """One product with the blocks of W on a diagonal."""
    W = np.zeros((layer.features, layer.columns * layer.units), np.float32)
    for c, (i, j) in enumerate(layer.spans):
        W[i:j, c * layer.units : (c + 1) * layer.units] = layer.stored("weight")[i:j]
    return graph.add("MatMul", name, graph.constant(W))


def _members(graph: Graph, name: str, layer: Any) -> str:
    copies = graph.add("Unsqueeze", name, graph.constant(np.array([1])))
    return graph.add("Mul", copies, graph.constant(layer.stored("weight")))


def _member_dense(graph: Graph, name: str, layer: Any) -> str:
    """Members first, so that each one's rows meet its own weights."""
    name = _product(graph, graph.add("Transpose", name, perm=[1, 0, 2]), layer)
    return _with_bias(graph, graph.add("Transpose", name, perm=[1, 0, 2]), layer)


def _conv(graph: Graph, name: str, layer: Any) -> str:
    weights = [graph.constant(layer.stored(parameter)) for parameter in layer.parameters]
    return graph.add("Conv", name, *weights, strides=[layer.stride] * 2, pads=[layer.padding] * 4)


def _pool(op: str) -> Callable[[Graph, str, Any], str]:
    def emit(graph: Graph, name: str, layer: Pooling) -> str:
        return graph.add(op, name, kernel_shape=[layer.size] * 2, strides=[layer.size] * 2)

    return emit


def _batch_norm(graph: Graph, name: str, layer: Any) -> str:
    tensors = [graph.constant(a) for a in (layer.gamma, layer.beta, layer.running_mean, layer.running_var)]
    members = len(layer.input_shape) == 2  # ONNX takes its second axis for the features
    if members:
        name = graph.add("Reshape", name, graph.constant(np.array([-1, layer.features])))
    name = graph.add("BatchNormalization", name, *tensors, epsilon=layer.epsilon)
    return graph.add("Reshape", name, graph.constant(np.array([-1, *layer.input_shape]))) if members else name


def _activation(graph: Graph, name: str, layer: Any) -> str:
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

PREPROCESSING: dict[type[Preprocessing], Callable[[Graph, str, Any], str]] = {
    Deslanting: _deslanting,
    Numbers: _numbers,
    Scaling: _scaling,
    Table: _table,
}
"""How numbers are prepared, by the formulas of these classes' docstrings."""

ENCODINGS: dict[type[Encoding], Callable[[Graph, str, Any], str]] = {
    CalendarParts: _calendar_parts,
    OneHot: _one_hot,
    PiecewiseLinear: _piecewise_linear,
    Scaled: _scaled,
}
"""How the columns of a table become features."""

LAYERS: dict[str, Callable[[Graph, str, Any], str]] = {
    **dict.fromkeys(OPERATORS, _activation),
    "average_pool2d": _pool("AveragePool"),
    "batch_norm": _batch_norm,
    "conv2d": _conv,
    "dense": _dense,
    "dropout": lambda _, name, __: name,
    "embedding": _embedding,
    "flatten": lambda graph, name, _: graph.add("Flatten", name, axis=1),
    "max_pool2d": _pool("MaxPool"),
    "member_dense": _member_dense,
    "members": _members,
}

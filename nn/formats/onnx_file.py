"""The bytes of an ONNX file: its messages as Protocol Buffers put them on the wire, so that writing needs no package.

Field numbers are those of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto (IR version 9), the encoding that of
https://protobuf.dev/programming-guides/encoding. Only what `nn.formats.onnx` uses is here.
"""

import struct
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np

from nn.arrays import AnyArray

MODEL: Final = {"ir_version": 1, "producer_name": 2, "graph": 7, "opset_import": 8, "metadata_props": 14}
OPSET: Final = {"domain": 1, "version": 2}
ENTRY: Final = {"key": 1, "value": 2}
GRAPH: Final = {"node": 1, "name": 2, "initializer": 5, "input": 11, "output": 12}
NODE: Final = {"input": 1, "output": 2, "name": 3, "op_type": 4, "attribute": 5}
ATTRIBUTE: Final = {"name": 1, "f": 2, "i": 3, "s": 4, "ints": 8, "type": 20}
TENSOR: Final = {"dims": 1, "data_type": 2, "name": 8, "raw_data": 9}
VALUE: Final = {"name": 1, "type": 2}
TYPE: Final = {"tensor_type": 1}
TENSOR_TYPE: Final = {"elem_type": 1, "shape": 2}
SHAPE: Final = {"dim": 1}
DIMENSION: Final = {"dim_value": 1, "dim_param": 2}
"""A message's fields by name → their numbers."""

NUMBERS: Final = {"float32": 1, "int64": 7, "bool": 9, "float64": 11}
"""NumPy's types → `TensorProto.DataType`."""
FLOAT, INT64, DOUBLE = NUMBERS["float32"], NUMBERS["int64"], NUMBERS["float64"]

KINDS: Final = {float: ("f", 1), int: ("i", 2), str: ("s", 3), list: ("ints", 7)}
"""Python's types → the field of an attribute that holds such a value, and `AttributeProto.AttributeType`."""

VARINT, LENGTH, FIXED32 = 0, 2, 5

Value = int | float | str | bytes


def encode(fields: Mapping[str, int], **values: Value | Sequence[Value]) -> bytes:
    """A message: each value under its field's number; of a sequence, each of its values."""
    return b"".join(
        part
        for name, value in values.items()
        for one in ([value] if isinstance(value, int | float | str | bytes) else value)
        for part in _field(fields[name], one)
    )


def _field(number: int, value: Value) -> Iterator[bytes]:
    if isinstance(value, int):
        yield _varint(number << 3 | VARINT)
        yield _varint(value)
    elif isinstance(value, float):
        yield _varint(number << 3 | FIXED32)
        yield struct.pack("<f", value)
    else:
        data = value.encode() if isinstance(value, str) else value
        yield _varint(number << 3 | LENGTH)
        yield _varint(len(data))
        yield data


def _varint(n: int) -> bytes:
    """Seven bits a byte, the lowest first; all but the last have their top bit set."""
    n &= (1 << 64) - 1
    data = bytearray()
    while n > 0x7F:
        data.append(n & 0x7F | 0x80)
        n >>= 7
    data.append(n)
    return bytes(data)


def node(op: str, inputs: Sequence[str], output: str, **attributes: Any) -> bytes:
    """A step of the graph, called as what it gives."""
    entries = [attribute(name, value) for name, value in sorted(attributes.items())]
    return encode(NODE, input=inputs, output=output, name=output, op_type=op, attribute=entries)


def attribute(name: str, value: Any) -> bytes:
    """An option of a step."""
    field, kind = KINDS[type(value)]
    return encode(ATTRIBUTE, **{"name": name, field: value, "type": kind})


def tensor(name: str, array: AnyArray) -> bytes:
    """A constant; little-endian, in C's order."""
    raw = np.ascontiguousarray(array, array.dtype.newbyteorder("<")).tobytes()
    return encode(TENSOR, dims=array.shape, data_type=NUMBERS[array.dtype.name], name=name, raw_data=raw)


def value_info(name: str, number: int, shape: Sequence[int | str]) -> bytes:
    """What goes in or comes out: `number` of `NUMBERS`; in the shape, a name stands for any length."""
    dims = [encode(DIMENSION, **{"dim_param" if isinstance(one, str) else "dim_value": one}) for one in shape]
    kind = encode(TENSOR_TYPE, elem_type=number, shape=encode(SHAPE, dim=dims))
    return encode(VALUE, name=name, type=encode(TYPE, tensor_type=kind))


def model(graph: bytes, *, ir_version: int, opset: int, producer: str, about: Mapping[str, str]) -> bytes:
    """The whole file, with what is said `about` it."""
    entries = [encode(ENTRY, key=key, value=text) for key, text in about.items()]
    opsets = encode(OPSET, domain="", version=opset)
    return encode(
        MODEL, ir_version=ir_version, producer_name=producer, graph=graph, opset_import=opsets, metadata_props=entries
    )

"""Models and jobs of a few bytes that want gigabytes."""

import json

import numpy as np
from safetensors.numpy import save

from benchmarks.abuse.attack import Target


def padding(target: Target) -> None:
    """A network of 900 bytes whose padding makes one row a gigabyte, imported and asked, twice."""
    layers = [
        {"type": "conv2d", "filters": 8, "kernel": 1, "padding": 1000},
        {"type": "conv2d", "filters": 8, "kernel": 1, "stride": 1000},
        {"type": "flatten"},
        {"type": "dense", "units": 10},
    ]
    side = (28 + 2000 - 1) // 1000 + 1
    tensors = {
        "0.weight": (8, 1, 1, 1),
        "0.bias": (8,),
        "1.weight": (8, 8, 1, 1),
        "1.bias": (8,),
        "3.weight": (10, 8 * side * side),
        "3.bias": (10,),
    }
    file = save({name: np.zeros(shape, np.float32) for name, shape in tensors.items()})
    for _ in range(2):
        answer = _import(target, file, {"input_shape": [28, 28], "layers": layers})
        if answer is not None:
            row = json.dumps({"inputs": [[0] * 784]}).encode()
            target.request("POST", f"{answer}/predictions", row, headers={"Content-Type": "application/json"})


def units(target: Target) -> None:
    """An architecture of 10¹² outputs, each of which has a name by default."""
    file = save({"0.weight": np.zeros((1, 784), np.float32)})
    _import(target, file, {"input_shape": [784], "layers": [{"type": "dense", "units": 10**12}]})


def wide_jobs(target: Target) -> None:
    """Jobs of the widest layers and the largest batches that a spec may have."""
    spec = {
        "dataset": "mnist",
        "model": {"hidden_layers": [8192] * 32},
        "training": {"epochs": 1000, "batch_size": 65536, "optimizer": {"name": "adam"}},
    }
    body = json.dumps(spec).encode()
    target.at_once(
        [lambda: target.request("POST", "/v1/jobs", body, headers={"Content-Type": "application/json"})] * 20
    )
    target.wait()


def _import(target: Target, file: bytes, architecture: object) -> str | None:
    """Import a model; the path of it, if it was taken."""
    answer = target.request(
        "POST", "/v1/models", files={"file": ("m.safetensors", file)}, data={"architecture": json.dumps(architecture)}
    )
    return answer.headers.get("Location") if answer is not None else None

"""The models that are asked: one of pictures, one of a table with numbers and names."""

import io

import numpy as np

from benchmarks.fuzz.targets.said import SPECS
from nn import Model
from nn.data.prepare import Choices, prepare
from worker.ingest.read import parse
from worker.jobspec import JobSpec
from worker.training.trainer import build_model

TABLE = b"size,kind,y\n" + b"".join(
    b"%d,%s,%s\n" % (row, b"old" if row % 3 else b"new", b"ab"[row % 2 :][:1]) for row in range(20)
)


def _model(file: bytes) -> Model:
    _, parsed = parse({"file": io.BytesIO(file)}, SPECS[0])
    config = JobSpec(dataset="ds", model={"hidden_layers": [4]}).model_dump(mode="json")
    return build_model(prepare(parsed, Choices("ds")).dataset, config, np.random.default_rng(0))


def _pictures() -> bytes:
    file = io.BytesIO()
    np.savez(file, x=np.arange(10 * 784).reshape(10, 28, 28).astype(np.uint8), y=np.arange(10) % 2)
    return file.getvalue()


MODELS = (_model(_pictures()), _model(TABLE))

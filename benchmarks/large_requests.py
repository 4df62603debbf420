"""Ten thousand rows in one request: through the service, and by the same code in one process, in turn."""

import io
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import numpy as np

import nn
from api.local.commands import worker_environment
from benchmarks.machine import median
from worker.settings import Settings
from worker.work.kind import PREDICTION

ALONE = """
import sys, time
from pathlib import Path
import nn
from worker.inference.batch import outputs_of
from worker.inference.codecs import FORMS
from worker.store.prediction_queue import Request

model = nn.formats.load(Path(sys.argv[1]).read_bytes())
for line in sys.stdin:
    form, path = line.split()
    body = Path(path).read_bytes()
    begun = time.perf_counter()
    request = Request("pred_1", "api_1", form, "2026-11-24T12:00:00Z", {}, body)
    question = FORMS[form].read(model, request)
    outputs = outputs_of(model, question.rows)
    FORMS[form].write(model, "model_1", request, question, outputs)
    print(time.perf_counter() - begun, flush=True)
"""

TYPES = {"json": "application/json", "npy": "application/x-npy"}
COLD = 3
"""So many requests of each come first and do not count: the system gives a process its memory in the course of them."""
ROUNDS = 9


def measure(url: str, weights: Path, folder: Path) -> dict[str, Any]:
    """Seconds of each, and their ratio: how much of the rate of the mathematics alone the service keeps.

    Alone are the decoding of the same bytes, the forward pass and the encoding of the same answer.
    """
    images = nn.datasets.load("mnist").x_test
    array = io.BytesIO()
    np.save(array, images)
    bodies = {"json": json.dumps({"inputs": images.tolist()}, separators=(",", ":")).encode(), "npy": array.getvalue()}
    figures: dict[str, Any] = {}
    environment = os.environ | worker_environment(PREDICTION, Settings.from_environment())
    command = [sys.executable, "-c", ALONE, str(weights)]
    with (
        subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as alone,
        httpx.Client(timeout=60) as client,
    ):
        assert alone.stdin is not None
        assert alone.stdout is not None
        for form, body in bodies.items():
            (folder / form).write_bytes(body)
            here, there = [], []
            for _ in range(COLD + ROUNDS):
                alone.stdin.write(f"{form} {folder / form}\n")
                alone.stdin.flush()
                here.append(float(alone.stdout.readline()))
                begun = time.perf_counter()
                client.post(url, content=body, headers={"Content-Type": TYPES[form]}).raise_for_status()
                there.append(time.perf_counter() - begun)
            here, there = here[COLD:], there[COLD:]
            ratios = [a / b for a, b in zip(here, there, strict=True)]
            figures[form] = {
                "rows": len(images),
                "bytes": len(body),
                "alone_seconds": median(here),
                "service_seconds": median(there),
                "rate_kept": median(ratios),
            }
        alone.stdin.close()
    return figures

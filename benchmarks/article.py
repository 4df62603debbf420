"""The article's network: ten epochs through the API, and as many by the article's own loop, in one run.

The loop is the oracle of the tests (`tests/support/oracle.py`): plain NumPy, one image at a time. It is timed for one
epoch of 59,500 images, alone on the machine, before each job and after it; ten such epochs are what a job stands
against.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from api.local.stack import Stack
from benchmarks.machine import describe, headline, median
from neurond import Client
from worker.settings import Settings

LOOP = """
import time
import numpy as np
import nn
from tests.support.oracle import train

dataset = nn.datasets.load("mnist")
images = np.concatenate([dataset.x_train, dataset.x_test])[:59_500].astype("float32") / 255
labels = np.concatenate([dataset.y_train, dataset.y_test])[:59_500]
rng = np.random.default_rng(42)
weights = [(rng.standard_normal((n_out, n_in)) / np.sqrt(n_out)).astype("float32")
           for n_in, n_out in ((784, 128), (128, 64), (64, 10))]
began = time.perf_counter()
train(weights, images, labels, learning_rate=0.001, jacobian="diagonal")
print(time.perf_counter() - began)
"""

VARIANTS: dict[str, dict[str, Any]] = {
    "as the article has it": {},
    "with cross-entropy": {"training": {"loss": "cross_entropy"}},
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where the figures go."""
    parser.add_argument("--json", type=Path, help="write the figures here")


def run(arguments: argparse.Namespace) -> None:
    """Measure, print accuracy, times and their ratio."""
    settings = Settings.from_environment()
    figures: dict[str, Any] = {"machine": describe(), "jobs": {}}
    epochs = [_one_epoch_of_the_loop()]
    with (
        tempfile.TemporaryDirectory(prefix="neurond-") as folder,
        Stack(settings, folder=Path(folder), host="127.0.0.1", port=0, tell=print) as stack,
        Client(stack.url) as client,
    ):
        for title, fields in VARIANTS.items():
            spec = {"dataset": "mnist", "preset": "article", "seed": 42, **fields}
            *_, job = client.follow(client.submit(spec)["id"], every=1.0)
            if job["status"] != "succeeded":
                raise SystemExit(f"the job {job['status']}: {job['error']}")
            figures["jobs"][title] = {
                "validation_accuracy": job["metrics"]["validation_accuracy"],
                "seconds": job["metrics"]["train_seconds"],
                "samples_per_second": job["metrics"]["samples_per_second"],
            }
            epochs.append(_one_epoch_of_the_loop())
    loop = 10 * median(epochs)
    figures["loop_seconds"] = loop
    print(f"{headline()}\n\n| ten epochs of 59,500 images | validation accuracy | seconds | of the loop's |")
    print(f"| --- | --- | --- | --- |\n| the article's own loop (ten times one epoch) | | {loop:.1f} | 1 |")
    for title, job in figures["jobs"].items():
        job["of_the_loop"] = job["seconds"] / loop
        print("| {} | {validation_accuracy:.2%} | {seconds:.1f} | {of_the_loop:.3f} |".format(title, **job))
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n")


def _one_epoch_of_the_loop() -> float:
    environment = {name: value for name, value in os.environ.items() if name != "OPENBLAS_CORETYPE"}
    done = subprocess.run([sys.executable, "-c", LOOP], env=environment, capture_output=True, text=True, check=True)
    return float(done.stdout)

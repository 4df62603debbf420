"""One recipe in a process of its own: `python -m benchmarks.recipe NAME` trains it and tells each epoch as a JSON line.

It does what a worker does with the same job, by the same functions. The last line has the accuracy.

`--validate` holds out other writers. MNIST's training file has each writer's digits near each other: the slants of two
images that are two places apart correlate by 0.48, 5,000 places apart by 0.20. Images that are held out at random have
writers in common with the others; the test images' writers are all new.
"""

import argparse
import json
import time
from typing import Any

import numpy as np

import nn
from benchmarks.recipes import RECIPES
from worker.samples import Samples, divide
from worker.spec import JobSpec
from worker.threads import blas_threads, limited_to, threads_for
from worker.training import FIT_CHOICES, build_model

HELD_OUT = 10_000
"""The first images of the training file, by `--validate` left to measure with."""


def train(spec: dict[str, Any], *, validate: bool, threads: int | None) -> None:
    """Train; `validate` holds out 10,000 of the training images and leaves the test images alone."""
    config = JobSpec.model_validate(spec).model_dump(mode="json")
    plan = config["training"]
    dataset = nn.datasets.load(config["dataset"])
    dividing, initialising, training = np.random.default_rng(config["seed"]).spawn(3)
    samples = divide(dataset, plan, dividing)
    if validate:
        samples = other_writers(samples)
    model = build_model(dataset, config, initialising)
    used = threads or threads_for(model.network.multiplications, plan["batch_size"], blas_threads())
    began, began_cpu = time.perf_counter(), time.process_time()

    def tell(report: nn.EpochReport) -> None:
        told = {
            "epoch": report.epoch, "epochs": report.epochs, "loss": report.train_loss,
            "train_accuracy": report.train_accuracy, "seconds": time.perf_counter() - began,
            "cpu_seconds": time.process_time() - began_cpu,
        }  # fmt: skip
        if validate:
            told |= {"validation_loss": report.validation_loss, "validation_accuracy": report.validation_accuracy}
        print(json.dumps(told), flush=True)

    with limited_to(used):
        history = nn.fit(
            model, samples.x, samples.y, validation=samples.validation, rng=training, on_epoch=tell,
            **{name: plan[name] for name in FIT_CHOICES},
        )  # fmt: skip
        cpu_seconds = time.process_time() - began_cpu
        held_out = samples.validation if validate else samples.test
        assert held_out is not None
        accuracy = model.evaluate(*held_out)["accuracy"]
    print(json.dumps({
        "parameters": model.parameter_count, "threads": used, "images": len(samples.x), "seconds": history.seconds,
        "cpu_seconds": cpu_seconds, ("validation_accuracy" if validate else "test_accuracy"): accuracy,
    }), flush=True)  # fmt: skip


def other_writers(samples: Samples) -> Samples:
    """The same images, but for the first, which are held out."""
    held_out = samples.x[:HELD_OUT], samples.y[:HELD_OUT]
    return Samples(samples.x[HELD_OUT:], samples.y[HELD_OUT:], held_out, None)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=RECIPES)
    parser.add_argument("--validate", action="store_true")
    parser.add_argument("--threads", type=int)
    arguments = parser.parse_args()
    train(RECIPES[arguments.name].spec, validate=arguments.validate, threads=arguments.threads)

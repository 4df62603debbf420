"""One recipe in a process of its own: `python -m benchmarks.recipe NAME` trains it and tells each epoch as a JSON line.

It does what a worker does with the same job, by the same functions. The last line has the accuracy.

`--validate` holds out other writers. MNIST's training file has each writer's digits near each other: the slants of two
images that are two places apart correlate by 0.48, 5,000 places apart by 0.20. Images that are held out at random have
writers in common with the others; the test images' writers are all new.
"""

import argparse
import json
import time
from dataclasses import dataclass
from typing import Any

import nn
from benchmarks.recipes import RECIPES, Recipe
from worker.jobspec import JobSpec
from worker.runtime.blas_threads import blas_threads, limited_to, threads_for
from worker.training.job_data import Samples, generators, split_data
from worker.training.trainer import build_model, multiplications

HELD_OUT = 10_000
"""The first images of the training file, by `--validate` left to measure with."""


def run(recipe: Recipe, *, validate: bool, threads: int | None) -> None:
    """Train; `validate` holds out 10,000 of the training images and leaves the test images alone."""
    models, before = [], (0.0, 0.0)
    for spec in recipe.teachers:
        one = train(spec, validate=validate, threads=threads, before=before, called="teacher_epoch")
        models.append(one.model)
        before = before[0] + one.seconds, before[1] + one.cpu_seconds
    teacher = nn.Teacher(*models) if models else None
    done = train(recipe.spec, validate=validate, threads=threads, teacher=teacher, before=before)
    held_out = done.samples.validation if validate else done.samples.test
    assert held_out is not None
    with limited_to(done.threads):
        accuracy = done.model.evaluate(*held_out)["accuracy"]
    told = {
        "parameters": done.model.parameter_count,
        "threads": done.threads,
        "images": len(done.samples.x),
        "seconds": before[0] + done.seconds,
        "cpu_seconds": before[1] + done.cpu_seconds,
    }
    if teacher is not None:
        told["teachers_seconds"] = before[0]
    print(json.dumps(told | {("validation_accuracy" if validate else "test_accuracy"): accuracy}), flush=True)


@dataclass(frozen=True)
class Trained:
    """What came of a job."""

    model: nn.Model
    samples: Samples
    threads: int
    seconds: float
    cpu_seconds: float


def train(
    spec: dict[str, Any],
    *,
    validate: bool,
    threads: int | None,
    teacher: nn.Teacher | None = None,
    before: tuple[float, float] = (0.0, 0.0),
    called: str = "epoch",
) -> Trained:
    """Train as a worker does, and tell each epoch with the time since the recipe began, `before` this job included."""
    config = JobSpec.model_validate(spec).model_dump(mode="json")
    plan = config["training"]
    dataset = nn.datasets.load(config["dataset"])
    dividing, initialising, training = generators(config["seed"])
    samples = split_data(dataset, plan, dividing)
    if validate:
        samples = other_writers(samples)
    model = build_model(dataset, config, initialising)
    used = threads or threads_for(multiplications(model, teacher), plan["batch_size"], blas_threads())
    began, began_cpu = time.perf_counter(), time.process_time()

    def tell(report: nn.EpochReport) -> None:
        told = {
            called: report.epoch,
            "epochs": report.epochs,
            "loss": report.train_loss,
            "train_accuracy": report.train_accuracy,
            "seconds": before[0] + time.perf_counter() - began,
            "cpu_seconds": before[1] + time.process_time() - began_cpu,
        }
        if validate:
            told |= {"validation_loss": report.validation_loss, "validation_accuracy": report.validation_accuracy}
        print(json.dumps(told), flush=True)

    with limited_to(used):
        history = nn.fit(
            model,
            samples.x,
            samples.y,
            nn.TrainingOptions.of(plan),
            validation=samples.validation,
            teacher=teacher,
            rng=training,
            on_epoch=tell,
        )
    return Trained(model, samples, used, history.seconds, time.process_time() - began_cpu)


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
    run(RECIPES[arguments.name], validate=arguments.validate, threads=arguments.threads)

"""What the service adds to a training: the same job through HTTP, Redis and Celery, and by `nn` alone, in turn.

Both train on the same rows with the same seed and the same number of BLAS threads, each in a process that has its data
loaded, and both are timed by what happens after that: alone, `fit`, the test and the file; in the service, from the
claim of the job to its last write.
"""

import argparse
import datetime
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from api.local.commands import worker_environment
from api.local.stack import Stack
from benchmarks.machine import asked, describe, headline, median
from neurond import Client, Job
from worker.settings import Settings
from worker.work.kind import TRAINING

ALONE = """
import json, sys, time
import nn
from nn import formats
from worker.runtime.blas_threads import blas_threads, limited_to, threads_for
from worker.training.job_data import generators, split_data
from worker.training.trainer import build_model

dataset = nn.datasets.load("mnist")
most = blas_threads()
for line in sys.stdin:
    config = json.loads(line)
    plan = config["training"]
    began = time.perf_counter()
    dividing, initialising, training = generators(config["seed"])
    samples = split_data(dataset, plan, dividing)
    model = build_model(dataset, config, initialising)
    with limited_to(threads_for(model.network.multiplications, plan["batch_size"], most)):
        history = nn.fit(model, samples.x, samples.y, nn.TrainingOptions.of(plan), validation=samples.validation,
                         rng=training)
    accuracy = model.evaluate(*samples.test)["accuracy"]
    formats.save(model)
    print(json.dumps({"fit": history.seconds, "whole": time.perf_counter() - began, "accuracy": accuracy}), flush=True)
"""

PARTS = {"fit": "training", "whole": "training, test, storing the model"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """How often, and where the figures go."""
    parser.add_argument("--runs", type=int, default=9, help="runs of each, in turn (default 9)")
    parser.add_argument("--epochs", type=int, default=10, help="epochs a run (default 10)")
    parser.add_argument("--json", type=Path, help="write the figures here")


def run(arguments: argparse.Namespace) -> None:
    """Measure in turn, print medians and ratios."""
    settings = Settings.from_environment()
    environment = os.environ | worker_environment(TRAINING, settings)
    alone: list[dict[str, float]] = []
    served: list[dict[str, float]] = []
    with (
        tempfile.TemporaryDirectory(prefix="neurond-") as folder,
        Stack(settings, folder=Path(folder), host="127.0.0.1", port=0, tell=print) as stack,
        Client(stack.url) as client,
        subprocess.Popen(
            [sys.executable, "-c", ALONE], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as peer,
    ):
        assert peer.stdin is not None
        assert peer.stdout is not None
        for turn in range(arguments.runs + 1):
            job = _through_the_service(
                client, {"dataset": "mnist", "seed": turn, "training": {"epochs": arguments.epochs}}
            )
            peer.stdin.write(json.dumps(job["config"]) + "\n")
            peer.stdin.flush()
            answer = json.loads(peer.stdout.readline())
            if answer["accuracy"] != job["metrics"]["test_accuracy"]:
                raise SystemExit(f"not the same training: {answer['accuracy']} and {job['metrics']['test_accuracy']}")
            if turn > 0:  # the first of each loads its data
                alone.append(answer)
                served.append({"fit": job["metrics"]["train_seconds"], "whole": _seconds(job)})
        peer.stdin.close()
    figures: dict[str, Any] = {
        "machine": describe(),
        "command": asked(),
        "runs": arguments.runs,
        "epochs": arguments.epochs,
    }
    for name in PARTS:
        ratios = [there[name] / here[name] for here, there in zip(alone, served, strict=True)]
        figures[name] = {
            "alone_seconds": median([one[name] for one in alone]),
            "service_seconds": median([one[name] for one in served]),
            "ratio": median(ratios),
        }
    print(f"{headline()}; {arguments.runs} runs each, in turn, medians\n\n{table(figures)}")
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n")


def table(figures: dict[str, Any]) -> str:
    """The figures in Markdown."""
    lines = ["| of a job of MNIST | nn alone | the service | ratio |", "| --- | --- | --- | --- |"]
    row = "| {} | {alone_seconds:.3f} s | {service_seconds:.3f} s | {ratio:.3f} |"
    return "\n".join(lines + [row.format(title, **figures[name]) for name, title in PARTS.items()])


def _through_the_service(client: Client, spec: dict[str, Any]) -> Job:
    *_, job = client.follow(client.submit(spec)["id"], every=1.0)
    if job["status"] != "succeeded":
        raise SystemExit(f"the job {job['status']}: {job['error']}")
    return job


def _seconds(job: Job) -> float:
    began, ended = (datetime.datetime.fromisoformat(job[name]) for name in ("started_at", "finished_at"))
    return (ended - began).total_seconds()

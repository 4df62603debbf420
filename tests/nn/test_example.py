"""The examples are run as their first lines say."""

import re
import runpy
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from nn import Model, TrainingOptions, fit
from worker.jobspec import JobSpec
from worker.training.job_data import split_data

ROOT = Path(__file__).parents[2]


def test_the_example_reads_digits_after_one_epoch():
    done = subprocess.run(
        [sys.executable, "examples/digits.py", "1"], cwd=ROOT, capture_output=True, text=True, check=True
    )

    told = re.fullmatch(r"epoch 1: loss 0\.\d+, (\d+\.\d+)% of the test digits read\n", done.stdout)
    assert float(told.group(1)) > 95


@pytest.fixture
def from_scratch():
    return SimpleNamespace(**runpy.run_path(str(ROOT / "examples" / "from_scratch.py")))


def test_the_network_from_scratch_is_the_preset_of_the_article_to_the_last_bit(mnist, from_scratch):
    """Two epochs over 600 of its images, with `nn` as a worker has it but without kernels."""
    config = JobSpec.model_validate({"dataset": "mnist", "preset": "article", "seed": 0}).model_dump(mode="json")
    generators = np.random.default_rng(config["seed"]).spawn(3)
    samples = split_data(mnist, config["training"], generators[0])
    choices = {name: choice for name, choice in config["model"].items() if choice is not None}
    model = Model.build(
        mnist, **choices, loss=config["training"]["loss"], rng=generators[1], dtype=np.float32, kernels=False
    )
    options = TrainingOptions.of(config["training"] | {"epochs": 2})
    fit(model, samples.x[:600], samples.y[:600], options, rng=generators[2])

    dividing, initialising, _ = np.random.default_rng(0).spawn(3)
    (x, y), held_out = from_scratch.data(dividing)
    weights = from_scratch.initial_weights(initialising)
    for _ in range(2):
        from_scratch.epoch(weights, x[:600], y[:600])

    for ours, theirs in zip((samples.x, samples.y, *samples.validation), (x, y, *held_out), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    for (name, ours), theirs in zip(model.network.tensors(), weights, strict=True):
        np.testing.assert_array_equal(ours, theirs, err_msg=name)
    assert {array.dtype for array in weights} == {np.dtype(np.float32)}


def test_the_network_from_scratch_is_short_and_takes_numpy_alone():
    text = (ROOT / "examples" / "from_scratch.py").read_text("utf-8")
    imported = set(re.findall(r"^(?:from|import) (\w+)", text, re.MULTILINE))

    assert len(text.splitlines()) < 100
    assert imported - set(sys.stdlib_module_names) == {"numpy"}

"""The benchmarks' own promises: recipes are jobs, results become the README's tables."""

import io
import json
import re
from importlib import import_module

import numpy as np
import pytest
from PIL import Image

from benchmarks import abuse, report, training
from benchmarks.__main__ import BENCHMARKS
from benchmarks.abuse.attacks import ATTACKS, pictures
from benchmarks.abuse.witness import Seen
from benchmarks.contenders import Case, floor, neurond
from benchmarks.recipe import other_writers
from benchmarks.recipes import RECIPES
from nn import Dataset, Model
from nn.datasets import load
from tests.support import needs
from worker.jobspec import JobSpec
from worker.settings import Settings
from worker.training.job_data import split_data
from worker.training.trainer import build_model


@pytest.mark.parametrize("name", BENCHMARKS)
def test_every_benchmark_can_be_chosen_and_run(name: str) -> None:
    module = import_module(f"benchmarks.{name}")

    assert callable(module.add_arguments)
    assert callable(module.run)


@pytest.fixture(scope="module")
def mnist() -> Dataset:
    return load("mnist")


JOBS = {name: recipe.spec for name, recipe in RECIPES.items()} | {
    f"{name}, teacher {place}": spec
    for name, recipe in RECIPES.items()
    for place, spec in enumerate(recipe.teachers, 1)
}


@pytest.mark.parametrize("spec", JOBS.values(), ids=JOBS)
def test_a_recipe_is_a_job_that_can_be_built(spec: dict, mnist: Dataset) -> None:
    config = JobSpec.model_validate(spec).model_dump(mode="json")

    model = build_model(mnist, config, np.random.default_rng(0))

    assert isinstance(model, Model)
    assert config["training"]["samples"] == "train", "a recipe never trains on test images"


def test_validation_holds_out_the_first_images_and_trains_on_the_others(mnist: Dataset) -> None:
    plan = {"samples": "train", "validation_split": 0.0}

    samples = other_writers(split_data(mnist, plan, np.random.default_rng(0)))

    assert samples.validation is not None
    np.testing.assert_array_equal(np.concatenate([samples.validation[0], samples.x]), mnist.x_train)
    np.testing.assert_array_equal(np.concatenate([samples.validation[1], samples.y]), mnist.y_train)
    assert len(samples.validation[0]) == 10_000
    assert samples.test is None


@pytest.mark.parametrize("contender", [neurond, floor])
def test_a_contender_tells_how_long_it_took(contender: object) -> None:
    run = contender(Case([784, 8, 10], 32, 640, 1, "processor"))

    assert run() > 0


FIGURES = {
    "command": "python -m benchmarks training",
    "clock": "wall",
    "runs": 1,
    "machine": {"cpu": "a processor", "cores": 2, "python": "3.11", "date": "2026-11-24"},
    "cases": [
        {
            "network": "784-128-64-10",
            "batch": 128,
            "contenders": {
                "neurond": {"images_per_second": 412345.6, "threads": 1},
                "torch": {"images_per_second": 200000.0, "threads": 2, "neurond_is_faster_by": 2.0617},
            },
        }
    ],
}


def test_results_become_a_table_with_its_command_and_machine(tmp_path, monkeypatch) -> None:
    (tmp_path / "training.json").write_text(json.dumps(FIGURES))
    monkeypatch.setattr(report, "RESULTS", tmp_path)

    readme = report.rewritten("before\n<!-- figures -->\nold\n<!-- /figures -->\nafter\n")

    assert "| 784-128-64-10 | 128 | 412,000 | 200,000 (2.06×) |" in readme
    assert "`python -m benchmarks training` (a processor, 2 cores, Python 3.11, 2026-11-24)" in readme
    assert "old" not in readme
    assert readme.startswith("before\n<!-- figures -->\n")
    assert readme.endswith("<!-- /figures -->\nafter\n")
    assert report.rewritten(readme) == readme


def test_an_attack_that_did_not_hold_says_why() -> None:
    seen = Seen(predictions=100, p99_seconds=1.25, slowest_seconds=2.0, errors=3)

    assert abuse.wrong(seen, calm=False, grown=["disk_mb"]) == [
        "p99 of others 1.2 s",
        "3 errors for others",
        "others are not answered in time afterwards",
        "disk has grown",
    ]
    assert abuse.wrong(Seen(100, 0.1, 0.2, 0), calm=True, grown=[]) == []


def test_each_attack_has_a_name_of_its_own_and_says_what_bounds_it() -> None:
    names = [attack.name for attack in ATTACKS]
    settings = {name for attack in ATTACKS for name in re.findall(r"NEUROND_(\w+)", attack.bound)}

    assert len(set(names)) == len(names)
    assert all(attack.bound and attack.run.__doc__ for attack in ATTACKS)
    assert settings <= {name.upper() for name in Settings.model_fields}


def test_a_jpeg_of_many_scans_is_one_that_is_decoded() -> None:
    picture = Image.open(io.BytesIO(pictures.jpeg(3)))

    assert picture.size == (pictures.SIDE, pictures.SIDE)
    assert picture.convert("L").getpixel((17, 4000)) == 128


def test_a_readme_without_its_marks_is_refused() -> None:
    with pytest.raises(SystemExit, match="expected the marks"):
        report.rewritten("no marks")


@pytest.mark.peers
def test_a_picture_of_the_figures_is_drawn(tmp_path) -> None:
    needs.module("matplotlib")

    training.plot(FIGURES, tmp_path / "picture.png")

    assert (tmp_path / "picture.png").stat().st_size > 1000

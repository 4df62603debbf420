"""`python -m benchmarks tables`: what it measures is what a job learns, and what the measures are defined to be."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import fakeredis
import numpy as np
import pytest

import nn
from benchmarks import tables
from benchmarks.__main__ import parser
from benchmarks.tables import contenders, data
from benchmarks.tables.contenders import RIVALS, Fitted, ours
from benchmarks.tables.measures import auc, measured
from benchmarks.tables.summary import picture, table
from nn import Dataset
from nn.formats import load
from tests.support.builders.trainings import at_once, run, settings, weights
from worker.jobspec import JobSpec
from worker.settings import Settings
from worker.store import Store
from worker.store.blobs import model_path

__all__ = ["at_once", "settings"]  # fixtures

ROWS = 160


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two small tables with a category, missing values and more columns than are needed."""
    folder = tmp_path_factory.mktemp("tables")
    rng = np.random.default_rng(0)
    for name in ("kinds", "sizes"):
        (folder / name).mkdir()
        number, letter, noise = rng.normal(size=ROWS), rng.choice(["a", "b", "c"], ROWS), rng.normal(size=ROWS)
        size = number + (letter == "a") * 2
        target = np.where(size > 1.5, "high", np.where(size > 0, "mid", "low")) if name == "kinds" else size
        lines = [
            f"{number[row] if row % 9 else ''},{letter[row] if row % 11 else ''},{noise[row]},{target[row]}\n"
            for row in range(ROWS)
        ]
        for part, rows in (("train", lines[:120]), ("test", lines[120:])):
            (folder / name / f"{part}.csv").write_text("number,letter,noise,target\n" + "".join(rows))
    return folder


def measure(folder: Path, file: Path, *options: str) -> dict:
    given = ["--tables", str(folder), "--json", str(file), "--threads", "1", *options]
    tables.run(parser().parse_args(["tables", *given]))
    return json.loads(file.read_text())


def test_split_0_is_that_of_the_files_and_others_divide_all_rows_anew(folder: Path) -> None:
    read = data.read(folder, "sizes")
    all_rows = np.sort(read.whole.y_train)

    first, second, third = (read.division(split) for split in range(3))

    lines = (folder / "sizes" / "test.csv").read_text().splitlines()[1:]
    np.testing.assert_allclose(first.y_test, [float(line.rpartition(",")[2]) for line in lines])
    for divided in (first, second, third):
        assert len(divided.x_test) == len(divided.y_test) == 40
        np.testing.assert_array_equal(np.sort(np.concatenate([divided.y_train, divided.y_test])), all_rows)
    assert not np.array_equal(second.y_test, third.y_test)


def test_the_task_is_that_of_the_folder(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "sevens").mkdir()
    for part in ("train", "test"):
        (tmp_path / "sevens" / f"{part}.csv").write_text("a,target\n" + "".join(f"{n},{n % 7}\n" for n in range(80)))

    guessed = data.read(tmp_path, "sevens").whole.task
    (tmp_path / "meta.json").write_text(json.dumps({"sevens": {"task": "regression"}}))

    assert guessed == "classification"
    assert data.read(tmp_path, "sevens").whole.task == "regression"


def test_files_that_do_not_belong_together_and_folders_without_tables_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"--tables: expected a folder with NAME/train\.csv"):
        data.names(tmp_path)
    (tmp_path / "t").mkdir()
    (tmp_path / "t" / "train.csv").write_text("a,target\n1,2\n")
    (tmp_path / "t" / "test.csv").write_text("b,target\n1,2\n")

    with pytest.raises(SystemExit, match="t: expected one header"):
        data.read(tmp_path, "t")


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    with fakeredis.FakeRedis() as redis:
        yield Store(redis, settings)


@pytest.mark.parametrize("name", ["kinds", "sizes"])
def test_what_is_measured_of_a_preset_is_the_model_that_a_job_makes(
    name: str, folder: Path, store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    divided = data.read(folder, name).division(0)
    monkeypatch.setattr(nn.datasets, "load", lambda name: divided)
    spec = JobSpec.model_validate({"dataset": "mnist", "preset": "table-small", "seed": 5})
    spec = spec.sized_for(len(divided.x_train)).with_task_defaults(divided.task)
    job = run(store, settings, store.jobs.create(spec.model_dump(mode="json"), most_queued=9)[0].id)
    assert weights(store, job)
    model = load(store.blobs.get(model_path(str(job.model_id))))
    says = model.predict_probabilities if divided.task == "classification" else model.predict

    fitted = ours("table-small").fit(divided, 5, 1)

    np.testing.assert_array_equal(fitted.said, says(divided.x_test))


def test_a_run_again_measures_what_is_new_alone(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    options = ("--only", "sizes", "--presets", "table-small", "--rivals", "--splits")
    file = tmp_path / "figures.json"
    seconds = [
        {split: one["seconds"] for split, one in kept["tables"]["sizes"]["results"]["`table-small`"]["splits"].items()}
        for kept in (measure(folder, file, *options, "1"), measure(folder, file, *options, "2"))
    ]
    monkeypatch.setattr(contenders, "_sources", lambda: "others")

    changed = measure(folder, file, *options, "1")

    assert list(seconds[0]) == ["0"]
    assert list(seconds[1]) == ["0", "1"]
    assert seconds[1]["0"] == seconds[0]["0"], "it was measured once"
    result = changed["tables"]["sizes"]["results"]["`table-small`"]
    assert "sources others" in result["of"]
    assert list(result["splits"]) == ["0"], "figures of other sources are not its own"


def test_figures_of_other_rows_are_measured_anew(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "sizes").mkdir()
    for part in ("train", "test"):
        (tmp_path / "sizes" / f"{part}.csv").write_bytes((folder / "sizes" / f"{part}.csv").read_bytes())
    options = ("--presets", "table-small", "--rivals", "--splits", "1")
    before = measure(tmp_path, tmp_path / "figures.json", *options)
    with (tmp_path / "sizes" / "test.csv").open("a") as file:
        file.write("1.5,a,0.5,3.5\n")

    after = measure(tmp_path, tmp_path / "figures.json", *options)

    was, became = (kept["tables"]["sizes"] for kept in (before, after))
    assert became["about"]["test_rows"] == was["about"]["test_rows"] + 1
    assert became["results"]["`table-small`"]["splits"]["0"] != was["results"]["`table-small`"]["splits"]["0"]


def classes(y: list[int], count: int) -> Dataset:
    names = tuple("abc"[:count])
    return Dataset(
        np.zeros((2, 1)), np.array([0, 1]), np.zeros((len(y), 1)), np.array(y), "classification", names, (1,), "t"
    )


def test_measures_of_classes_are_those_of_their_definitions() -> None:
    said = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]])

    found = measured(Fitted(said, 1.5, lambda row: None), classes([0, 1, 1], 2))

    assert found["error"] == pytest.approx(1 / 3)
    assert found["loss"] == pytest.approx(-np.mean(np.log([0.9, 0.8, 0.4])))
    assert found["auc"] == 1
    assert found["seconds"] == 1.5


def test_measures_of_numbers_are_those_of_their_definitions() -> None:
    y = np.array([1.0, 2.0, 6.0])
    numbers = Dataset(np.zeros((2, 1)), y[:2], np.zeros((3, 1)), y, "regression", (), (1,), "t")

    found = measured(Fitted(np.array([[1.0], [4.0], [6.0]]), 0.0, lambda row: None), numbers)

    assert found["error"] == found["loss"] == pytest.approx(np.sqrt(4 / 3) / np.std(y))
    assert "auc" not in found


def test_the_auc_counts_pairs() -> None:
    rng = np.random.default_rng(0)
    said = rng.dirichlet(np.ones(3), 60).round(1)  # rounded: many are alike
    y = rng.integers(3, size=60)
    areas = []
    for one in range(3):
        mine, others = said[y == one, one], said[y != one, one]
        areas.append(np.mean((mine[:, None] > others) + (mine[:, None] == others) / 2))
    second, first = said[y == 1, 1], said[y == 0, 1]

    assert auc(said, y) == pytest.approx(np.mean(areas))
    assert auc(said[y < 2, :2], y[y < 2]) == pytest.approx(
        np.mean((second[:, None] > first) + (second[:, None] == first) / 2)
    )


def figures(losses: dict[str, dict[str, list[float]]]) -> dict:
    """Table → contender → loss split by split."""
    return {
        "tables": {
            name: {
                "results": {
                    contender: {
                        "of": f"{contender} 1.0",
                        "splits": {
                            str(split): {"error": loss, "loss": loss, "seconds": 2.0, "one_row_ms": 0.5, "load": 1.0}
                            for split, loss in enumerate(one)
                        },
                    }
                    for contender, one in by_contender.items()
                }
            }
            for name, by_contender in losses.items()
        }
    }


LOSSES = {
    "far": {"CatBoost": [0.2, 0.2], "LightGBM": [0.1, 0.4], "`table`": [0.26, 0.28]},
    "near": {"CatBoost": [0.5, 0.5], "LightGBM": [0.6, 0.6], "`table`": [0.4, 0.4]},
    "unsure": {"CatBoost": [0.2, 0.2], "LightGBM": [0.4, 0.4], "`table`": [0.2, 0.3]},
    "not by all": {"CatBoost": [0.2], "LightGBM": [0.2]},
}


def cells(text: str, start: str) -> list[str]:
    line = next(line for line in text.splitlines() if line.startswith(f"| {start}"))
    return [cell.strip() for cell in line.split("|")[2:-1]]


def test_the_summary_ranks_and_compares_split_by_split() -> None:
    text = table(figures(LOSSES))

    assert cells(text, "3 tables, 2 splits") == ["`table`", "CatBoost", "LightGBM"]
    # far: 3, 2, 1 and 2, 1, 3; near: 1, 2, 3 twice; unsure: 1.5, 1.5, 3 and 2, 1, 3
    assert cells(text, "mean rank, loss") == ["1.75 ± 0.08", "1.58 ± 0.25", "2.67 ± 0.33"]
    # `table`: +0.3, −0.2, 0 and +0.4, −0.2, +0.5
    assert cells(text, "loss beside CatBoost's")[:2] == ["+13.3 % ± 10.0", "+0.0 % ± 0.0"]
    assert cells(text, "loss, furthest behind") == ["+35 % (far)", "+25 % (near)", "+100 % (unsure)"]
    assert cells(text, "loss, more than 10% behind") == ["far", "near", "near, unsure"]
    assert cells(text, "near")[0] == "0.400 ± 0.000"
    assert "not by all" not in text
    assert "LightGBM: LightGBM 1.0, at a load of 1 to 1" in text


def test_one_split_has_no_standard_error() -> None:
    text = table(figures({"near": {"CatBoost": [0.5], "`table`": [0.4]}}))

    assert cells(text, "near") == ["0.400", "0.500"]
    assert cells(text, "loss, more than 10% behind") == ["needs two splits"] * 2
    assert "±" not in text


def test_nothing_that_all_have_learned_is_nothing_to_compare() -> None:
    assert table(figures({"a": {"CatBoost": [0.5]}, "b": {"`table`": [0.4]}})).startswith("No table")


def test_the_picture_has_a_dot_for_each_contender_and_table_and_says_what_it_cannot_show() -> None:
    drawn = picture(figures(LOSSES | {"lost": {"CatBoost": [0.1], "LightGBM": [0.1], "`table`": [0.4]}}))

    dots = ElementTree.fromstring(drawn).findall("{*}circle")
    assert len(dots) == 2 + 2 * 4, "the legend's, then those of the tables"
    assert max(float(dot.attrib["cx"]) for dot in dots) <= 770
    assert re.findall(r">(\+3\d\d %)<", drawn) == ["+300 %"]
    with pytest.raises(SystemExit, match="expected figures of CatBoost"):
        picture(figures({"a": {"`table`": [0.4]}}))


def the_rivals_are_here() -> None:
    """Their group is no part of CI: what is missing is skipped there too."""
    for module in ("pandas", "sklearn", "lightgbm", "xgboost", "catboost"):
        pytest.importorskip(module)


@pytest.mark.peers
@pytest.mark.parametrize("name", ["kinds", "sizes"])
@pytest.mark.parametrize("rival", RIVALS)
def test_a_rival_learns_numbers_categories_and_what_is_missing(rival: str, name: str, folder: Path) -> None:
    the_rivals_are_here()
    divided = data.read(folder, name).division(1)

    found = measured(RIVALS[rival].fit(divided, 0, 1), divided)

    guessed = 1.0 if name == "sizes" else 1 - np.bincount(divided.y_test).max() / len(divided.y_test)
    assert found["error"] < 0.9 * guessed
    assert found["seconds"] > 0
    assert found["one_row_ms"] > 0


@pytest.mark.peers
@pytest.mark.parametrize("rival", RIVALS)
def test_a_class_that_no_training_row_has_is_given_no_probability(rival: str) -> None:
    the_rivals_are_here()
    x = np.arange(60.0)[:, None]
    column = nn.data.Column("number")
    lacking = Dataset(
        x, np.array([0, 2] * 30), x[:4], np.array([0, 1, 2, 0]), "classification", ("a", "b", "c"), (1,), "t", (column,)
    )

    said = RIVALS[rival].fit(lacking, 0, 1).said

    assert said.shape == (4, 3)
    assert (said[:, 1] == 0).all()
    np.testing.assert_allclose(said.sum(axis=1), 1, atol=1e-5)

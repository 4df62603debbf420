"""What can be asked for is told in one place: page, command line and description read it there."""

import re

import pytest
from flask.testing import FlaskClient

from api.assets import FOLDER
from api.cli.choices import NAMES, complete_assignment, completed
from worker.jobspec import CATALOGUE, PRESETS

DRAWN = {"lib/network.js"}
"""What computes in the browser as `nn` does, and so has its functions."""


def test_the_catalogue_has_every_table_and_what_each_preset_comes_to(client: FlaskClient) -> None:
    answer = client.get("/v1/catalogue")

    assert {name: answer.json[name] for name in CATALOGUE} == CATALOGUE
    assert list(answer.json["presets"]) == list(PRESETS)
    for name, preset in answer.json["presets"].items():
        for part, fields in PRESETS[name]["spec"].items():
            config = preset["config"][part]
            assert {field: config[field] for field in fields}.keys() == fields.keys()
    again = client.get("/v1/catalogue", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_no_list_of_names_stands_in_the_pages_scripts() -> None:
    names = {
        name
        for table in ("activations", "initializers", "losses", "metrics", "optimizers", "schedules")
        for name in CATALOGUE[table]
    } - {"accuracy", "linear", "relu", "constant", "step"}  # these are words of other things too
    for path in (path for path in FOLDER.rglob("*.js") if "vendor" not in path.parts):
        if path.relative_to(FOLDER).as_posix() in DRAWN:
            continue
        said = set(re.findall(r"[\"'`](\w+)[\"'`]|^\s*(\w+):", path.read_text("utf-8"), re.MULTILINE))
        found = {word for pair in said for word in pair} & names
        assert len(found) < 2, f"{path.name} has {sorted(found)} of its own"


@pytest.mark.parametrize(
    ("begun", "completions"),
    [
        ("training.optimizer.name=ad", ["adagrad", "adam", "adamw"]),
        ("training.schedule.name=c", ["constant", "cosine"]),
        ("preset=q", ["quick"]),
    ],
)
def test_the_shell_completes_what_a_job_may_say(begun: str, completions: list[str]) -> None:
    field, _, name = begun.partition("=")

    assert [item.value for item in completed(field)(None, None, name)] == completions  # type: ignore[arg-type]
    assert [item.value for item in complete_assignment(None, None, begun)] == [  # type: ignore[arg-type]
        f"{field}={name}" for name in completions
    ]


def test_the_shell_completes_the_fields_of_a_job() -> None:
    completions = [item.value for item in complete_assignment(None, None, "training.l")]  # type: ignore[arg-type]

    assert {"training.l1=", "training.l2="} <= set(completions)
    assert {f"training.loss={name}" for name in NAMES["training.loss"]} <= set(completions)

"""The client commands against a live server: what they print, and how they exit."""

import json
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from api.cli import MODULES, main
from api.cli.train import make_spec
from tests.support.builders.datasets import ready
from tests.support.builders.requests import SentWakeUps
from tests.support.command_line import Neurond, neurond
from tests.support.live import finish, server, settings, url
from worker.store import Store

__all__ = ["neurond", "server", "settings", "url"]


def test_a_job_is_submitted_listed_cancelled_and_watched(neurond: Neurond, queue: SentWakeUps) -> None:
    submitted = neurond("train", "mnist", "--name", "first", "--epochs", "7", "--detach")
    job_id = submitted.stdout.strip()
    listed = neurond("jobs")
    cancelled = neurond("cancel", job_id)
    watched = neurond("watch", job_id)

    assert (submitted.exit_code, listed.exit_code, cancelled.exit_code, watched.exit_code) == (0, 0, 0, 4)
    assert queue.work["training"] == 1
    for word in (job_id, "queued", "first", "mnist", "128-64 relu", "0/7"):
        assert word in listed.stdout
    assert cancelled.stdout == f"{job_id} was cancelled\n"
    assert "was cancelled" in watched.stderr


def test_what_a_script_reads_is_json_and_nothing_else(neurond: Neurond, store: Store) -> None:
    job = json.loads(neurond("train", "mnist", "--detach", "--json").stdout)
    finish(store, job["id"], epochs=2)
    listed = json.loads(neurond("jobs", "--json").stdout)
    watched = neurond("watch", job["id"], "--json")
    cancelled = json.loads(neurond("cancel", job["id"], "--json").stdout)

    assert [one["id"] for one in listed] == [job["id"]]
    events = [json.loads(line)["event"] for line in watched.stdout.splitlines()]
    assert events == ["queued", "running", "epoch", "epoch", "failed"]
    assert watched.exit_code == 4
    assert [one["status"] for one in cancelled] == ["failed"]


def test_watching_a_job_that_fails_tells_its_epochs_and_the_reason(neurond: Neurond, store: Store) -> None:
    job_id = neurond("train", "mnist", "-d").stdout.strip()
    finish(store, job_id, epochs=2)

    watched = neurond("watch", job_id)

    assert watched.exit_code == 4
    headline, *epochs = watched.stdout.splitlines()
    assert headline == f"{job_id}  mnist  128-64 relu"
    assert [line.split()[1] for line in epochs] == ["1/2", "2/2"]
    assert watched.stderr == f"Error: the job {job_id} failed: too steep\n"


def test_jobs_are_listed_by_state_and_as_many_as_are_asked_for(neurond: Neurond) -> None:
    made = [neurond("train", "mnist", "-d").stdout.strip() for _ in range(3)]

    assert json.loads(neurond("jobs", "--status", "running", "--json").stdout) == []
    assert [job["id"] for job in json.loads(neurond("jobs", "--limit", "2", "--json").stdout)] == made[:0:-1]


def test_empty_lists_say_how_to_go_on(neurond: Neurond) -> None:
    assert "neurond train mnist" in neurond("jobs").stderr
    assert "neurond train mnist" in neurond("models").stderr
    assert "mnist" in neurond("datasets").stdout


def test_a_refused_spec_names_the_field_and_exits_with_1(neurond: Neurond) -> None:
    refused = neurond("train", "mnist", "--epochs", "0")

    assert refused.exit_code == 1
    assert refused.stderr.startswith("Error: #/training/epochs: ")


@pytest.mark.parametrize("command", ["watch", "cancel"])
def test_a_job_that_is_not_there_exits_with_1(neurond: Neurond, command: str) -> None:
    missing = neurond(command, "job_x")

    assert missing.exit_code == 1
    assert "job_x" in missing.stderr


def test_a_server_that_is_not_there_is_said_to_be_and_exits_with_3(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.cli.calls.PATIENCE_SECONDS", 0)

    missing = CliRunner().invoke(main, ["jobs", "--url", "http://127.0.0.1:9"])

    assert missing.exit_code == 3
    assert missing.stderr.startswith("Error: no answer from http://127.0.0.1:9: ")
    assert "neurond up" in missing.stderr


@pytest.mark.parametrize("command", [["jobs"], ["health", "api"]])
def test_a_url_without_a_scheme_is_told_what_it_lacks(command: list[str]) -> None:
    wrong = CliRunner().invoke(main, [*command, "--url", "127.0.0.1:8702"])

    assert wrong.exit_code == 2
    assert wrong.stderr.splitlines()[-1] == (
        "Error: Invalid value for '--url'" + (" (env var: 'NEUROND_URL')" if command == ["jobs"] else "") + ": "
        "expected a URL that begins with http:// or https://, got '127.0.0.1:8702'; did you mean http://127.0.0.1:8702?"
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ["train"],
        ["train", "mnist", "--set", "training"],
        ["train", "mnist", "--hidden-layers", "wide"],
        ["train", "--spec", "/nowhere.json"],
        ["jobs", "--status", "done"],
        ["jobs", "--limit", "0"],
        ["upload"],
        ["upload", "--from", "ds_1", "--labels", __file__],
        ["upload", "--from", "ds_1", __file__],
    ],
)
def test_wrong_usage_exits_with_2(neurond: Neurond, arguments: list[str]) -> None:
    assert neurond(*arguments).exit_code == 2


def test_an_upload_is_read_again_with_the_options_that_are_given(
    neurond: Neurond, store: Store, queue: SentWakeUps, tmp_path: Path
) -> None:
    table = tmp_path / "shop.csv"
    table.write_text("a,b\n1,2\n")
    first = neurond("upload", str(table), "--target", "b", "--no-header", "-d").stdout.strip()

    again = neurond("upload", "--from", first, "--categorical", "a", "--header", "-d")
    missing = neurond("upload", "--from", "ds_none")

    record, before = store.datasets.get(again.stdout.strip()), store.datasets.get(first)
    assert again.exit_code == 0, again.output
    assert record.spec == before.spec | {"categorical": "a", "header": True}
    assert (record.upload, record.files) == (first, before.files)
    assert queue.work["files"] == 2
    assert missing.exit_code == 1
    assert "ds_none" in missing.stderr


def test_a_spec_comes_from_stdin_under_what_the_options_say(neurond: Neurond) -> None:
    body = json.dumps({"dataset": "mnist", "seed": 5, "training": {"epochs": 9, "batch_size": 64}})

    job = json.loads(
        neurond(
            "train", "--spec", "-", "--epochs", "3", "--set", "model.dropout=0.2", "-d", "--json", stdin=body
        ).stdout
    )

    assert job["config"]["seed"] == 5
    assert job["config"]["training"]["epochs"] == 3
    assert job["config"]["training"]["batch_size"] == 64
    assert job["config"]["model"]["dropout"] == 0.2


def test_a_table_has_its_own_defaults_unless_others_are_said(neurond: Neurond, store: Store) -> None:
    table = ready(store)

    def preset(*arguments: str, stdin: str | None = None) -> str | None:
        return json.loads(neurond("train", *arguments, "-d", "--json", stdin=stdin).stdout)["config"]["preset"]

    assert preset(table) == "table"
    assert preset(table, "--epochs", "3") == "table"
    assert preset("mnist") is None
    assert preset(table, "--preset", "standard") == "standard"
    assert preset(table, "--set", "preset=null") is None
    assert preset("--spec", "-", stdin=json.dumps({"dataset": table})) is None
    assert neurond("train", "--spec", "-", "-d", stdin='{"dataset": "unheard"}').stderr.startswith("Error: #/dataset: ")


def test_names_are_shown_as_they_are_and_ids_are_whole(neurond: Neurond, store: Store, url: str) -> None:
    name = "[/x] [bold]" + "wide" * 12
    job_id = neurond("train", "mnist", "--name", name, "-d").stdout.strip()
    dataset = ready(store, "ds_0123456789abcdef01234567")

    narrow = subprocess.run(
        [sys.executable, "-c", f"from api.cli import main; main(['jobs', '--url', {url!r}])"],
        env=os.environ | {"FORCE_COLOR": "1", "TTY_COMPATIBLE": "1", "COLUMNS": "80"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert name in neurond("jobs").stdout
    assert dataset in neurond("datasets").stdout
    assert job_id in narrow.stdout
    assert "[/x]" in narrow.stdout
    assert narrow.stdout.count("w") == 12, "it goes on in further lines"


def test_ctrl_c_while_a_command_is_still_read_ends_as_it_does_later(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("api.cli.import_module", interrupted)

    assert CliRunner().invoke(main, ["jobs"]).exit_code == 130


def test_cancelling_several_goes_on_after_one_that_is_not_there(neurond: Neurond) -> None:
    first, last = (neurond("train", "mnist", "-d").stdout.strip() for _ in range(2))

    told = neurond("cancel", first, "nobody", last)

    assert told.exit_code == 1
    assert told.stdout.splitlines() == [f"{first} was cancelled", f"{last} was cancelled"]
    assert "nobody" in told.stderr


def test_a_jobs_config_can_be_varied(neurond: Neurond) -> None:
    config = json.dumps(json.loads(neurond("train", "mnist", "-d", "--json").stdout)["config"] | {"metadata": None})

    spec = ["train", "--spec", "-", "-d", "--json"]
    asked = ["--set", "training.early_stopping.patience=3", "--metadata", "a.b=c", "--optimizer", "adam"]
    varied = neurond(*spec, *asked, stdin=config)

    job = json.loads(varied.stdout)
    assert job["config"]["training"]["early_stopping"]["patience"] == 3
    assert job["config"]["training"]["optimizer"]["name"] == "adam"
    assert job["metadata"] == {"a.b": "c"}


def test_what_is_set_goes_before_the_options_and_text_needs_no_quotes() -> None:
    spec = make_spec(
        "mnist",
        optimizer="adam",
        learning_rate=0.1,
        teachers=("best", "model_1"),
        metadata=[("team", "a=b")],
        settings=[("training.optimizer.learning_rate", "0.01"), ("training.schedule.name", "step")],
    )

    assert spec == {
        "dataset": "mnist",
        "metadata": {"team": "a=b"},
        "training": {
            "optimizer": {"name": "adam", "learning_rate": 0.01},
            "schedule": {"name": "step"},
            "teacher": {"models": ["best", "model_1"]},
        },
    }


def test_a_field_of_what_is_no_object_cannot_be_set() -> None:
    with pytest.raises(click.UsageError, match="seed"):
        make_spec("mnist", seed=1, settings=[("seed.deep", "1")])


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_shell_is_told_how_to_complete(shell: str) -> None:
    assert "_NEUROND_COMPLETE" in CliRunner().invoke(main, ["completion", shell]).stdout


def test_ids_and_names_are_completed_from_the_server(neurond: Neurond, url: str) -> None:
    job_id = neurond("train", "mnist", "--name", "wide", "-d").stdout.strip()

    for other in ("twice", "twice", "of two words"):
        neurond("train", "mnist", "--name", other, "-d")

    def completed(begun: str) -> list[str]:
        typed = {"_NEUROND_COMPLETE": "bash_complete", "COMP_WORDS": f"neurond watch {begun}", "COMP_CWORD": "2"}
        return CliRunner().invoke(main, env=typed, prog_name="neurond").stdout.split()

    assert f"plain,{job_id}" in completed("job_")
    assert completed("wi") == ["plain,wide"]
    assert completed("tw") == []
    assert completed("of") == []


def test_help_says_what_every_command_is_for_in_whole_sentences() -> None:
    shown = CliRunner().invoke(main, ["--help"]).stdout

    assert [name for name in MODULES if f"\n  {name} " not in shown] == []
    assert "..." not in shown.split("Options:")[1]


def test_a_health_check_starts_without_what_it_does_not_need() -> None:
    """It runs every few seconds in every container."""
    heavy = ["celery.app", "flask", "gevent", "httpx", "numpy", "rich"]
    code = f"import sys, api.cli.health; print([name for name in {heavy} if name in sys.modules])"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_every_command_stands_where_the_table_says() -> None:
    for name in MODULES:
        assert main.get_command(click.Context(main), name).name == name

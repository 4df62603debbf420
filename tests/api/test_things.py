"""`show`, `alias`, `delete`: what a person calls things, and what the lists call them."""

import json
from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result

from api.cli import main
from tests.support.builders.datasets import ready
from tests.support.builders.models import add
from tests.support.live import finish, server, settings, url
from worker.store import Store, models
from worker.store.claim import NewModel

__all__ = ["server", "settings", "url"]

Neurond = Callable[..., Result]


@pytest.fixture
def neurond(url: str, monkeypatch: pytest.MonkeyPatch) -> Neurond:
    """Run the command line against the live server."""
    monkeypatch.setenv("NEUROND_URL", url)
    for module in ("names", "show"):
        monkeypatch.setattr(f"api.cli.{module}.ago", lambda _: "just now")

    def run(*arguments: str, **options: object) -> Result:
        result = CliRunner().invoke(main, arguments, **options)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    return run


def test_a_data_set_is_trained_on_by_its_name_where_one_alone_has_it(neurond: Neurond, store: Store) -> None:
    first = ready(store, "ds_1")
    by_name = json.loads(neurond("train", "shop", "-d", "--json").stdout)
    ready(store, "ds_2")
    refused = neurond("train", "shop", "-d")

    assert (by_name["dataset"], by_name["config"]["preset"]) == (first, "table")
    assert refused.exit_code == 1
    assert refused.stderr == (
        "Error: 2 data sets are called shop: ds_2 (just now), ds_1 (just now); say which by its ID\n"
    )


def test_what_is_called_by_no_id_and_no_name_is_said_to_be_unknown(neurond: Neurond) -> None:
    said = {
        command: neurond(*command.split()).stderr
        for command in ("train shop", "watch shop", "cancel shop", "export shop", "alias digits shop")
    }

    assert said == {
        "train shop": "Error: no data set 'shop': expected an ID or a name of 'neurond datasets', or a file\n",
        "watch shop": "Error: no job 'shop': expected an ID or a name of 'neurond jobs'\n",
        "cancel shop": "Error: no job 'shop': expected an ID or a name of 'neurond jobs'\n",
        "export shop": "Error: no model 'shop': expected an ID or a name of 'neurond models'\n",
        "alias digits shop": "Error: no model 'shop': expected an ID or a name of 'neurond models'\n",
    }


def test_a_job_is_cancelled_and_watched_by_its_name(neurond: Neurond) -> None:
    job_id = neurond("train", "mnist", "--name", "first", "-d").stdout.strip()

    assert neurond("cancel", "first").stdout == f"{job_id} was cancelled\n"
    assert f"the job {job_id} was cancelled" in neurond("watch", "first").stderr


def test_jobs_are_listed_by_their_data_set_by_words_and_in_an_order(neurond: Neurond, store: Store) -> None:
    ready(store, "ds_1")
    on_shop = json.loads(neurond("train", "shop", "--name", "wide", "-d", "--json").stdout)["id"]
    on_mnist = json.loads(neurond("train", "mnist", "--name", "deep", "-d", "--json").stdout)["id"]

    def listed(*arguments: str) -> list[str]:
        return [job["id"] for job in json.loads(neurond("jobs", "--json", *arguments).stdout)]

    assert listed("--dataset", "shop") == [on_shop]
    assert listed("--dataset", "mnist") == [on_mnist]
    assert listed("--search", "wid") == [on_shop]
    assert listed("--sort", "created_at") == [on_shop, on_mnist]
    assert listed("--sort", "-metrics.test_accuracy") == []
    assert neurond("jobs", "--dataset", "shop", "--status", "failed").stderr == "No such jobs.\n"
    assert neurond("jobs", "--dataset", "none").stderr.startswith("Error: no data set 'none'")
    assert neurond("jobs", "--sort", "size").stderr.startswith("Error: ?sort: ")


def test_lists_call_a_data_set_by_its_name_where_that_is_clear(neurond: Neurond, store: Store) -> None:
    for identifier, name in (("ds_1", "ames"), ("ds_2", "twice"), ("ds_3", "twice"), ("ds_4", "gone")):
        ready(store, identifier)
        store.redis.hset(f"neurond:dataset:{identifier}", "spec", json.dumps({"name": name}))
        neurond("train", identifier, "-d")
        add(store, f"model_{identifier}", None, dataset=identifier)
    for job in json.loads(neurond("jobs", "--json").stdout):
        neurond("cancel", job["id"])
    neurond("delete", "ds_4")

    for listed in ("jobs", "models"):
        rows = [line.split() for line in neurond(listed).stdout.splitlines()[2:]]
        assert [name for row in rows for name in row if name in {"ames", "twice"} or name.startswith("ds_")] == [
            "ds_4",
            "ds_3",
            "ds_2",
            "ames",
        ]


def test_a_name_stands_for_a_model_is_switched_listed_and_deleted(neurond: Neurond, store: Store) -> None:
    add(store, "model_1", "old")
    add(store, "model_2", "new")

    none = neurond("alias")
    made, switched = neurond("alias", "digits", "old"), neurond("alias", "digits", "model_2")
    again = neurond("alias", "digits", "new")
    listed, one = json.loads(neurond("alias", "--json").stdout), neurond("alias", "digits")
    exported = neurond("export", "digits", "-o", "/dev/null", "--json")
    needed = neurond("delete", "new")
    gone = neurond("delete", "digits")
    unknown = neurond("alias", "digits")

    assert none.stderr == "No names. 'neurond alias NAME MODEL' makes one.\n"
    assert made.stdout == "digits stands for model_1\n"
    assert switched.stdout == "digits stands for model_2, and no more for model_1\n"
    assert again.stdout == "digits stands for model_2\n"
    assert [(alias["name"], alias["model_id"]) for alias in listed] == [("digits", "model_2")]
    assert one.stdout.splitlines()[-1].split()[:2] == ["digits", "model_2"]
    assert json.loads(exported.stdout)["size_bytes"] == len(b"weights")
    assert (needed.exit_code, needed.stderr) == (
        1,
        "Error: the alias 'digits' stands for this model; point it at another, or delete it, first\n",
    )
    assert gone.stdout == "digits is deleted\n"
    assert unknown.stderr == "Error: no alias 'digits'; it never existed, or was deleted\n"


def test_nothing_is_deleted_where_one_of_the_names_is_not_clear(neurond: Neurond, store: Store) -> None:
    job_id = neurond("train", "mnist", "--name", "shop", "-d").stdout.strip()
    neurond("cancel", job_id)
    add(store, "model_1", "shop", job_id=job_id)
    ready(store, "ds_1")

    unclear = neurond("delete", "model_1", "shop")
    unknown = neurond("delete", "model_1", "none")
    by_kind = neurond("delete", "--kind", "job", "shop", "--json")
    rest = neurond("delete", "model_1", "shop", "--kind", "model")
    others = neurond("delete", "shop", "ds_1")

    assert unclear.stderr == (
        "Error: 3 things are called shop: model_1 (model, just now), ds_1 (data set, just now), "
        f"{job_id} (job, just now); say which by its ID or --kind\n"
    )
    assert unknown.stderr == (
        "Error: nothing is called 'none': expected an ID or a name of 'neurond datasets', 'jobs', 'models' or 'alias'\n"
    )
    assert json.loads(by_kind.stdout) == [{"id": job_id, "object": "job", "deleted": True}]
    assert rest.stdout == "model_1 is deleted\n"
    assert others.stdout == "ds_1 is deleted\n"


def test_a_job_that_has_not_ended_is_not_deleted_and_the_others_are(neurond: Neurond, store: Store) -> None:
    job_id = neurond("train", "mnist", "-d").stdout.strip()
    dataset = ready(store)

    told = neurond("delete", job_id, dataset)

    assert told.exit_code == 1
    assert told.stdout == f"{dataset} is deleted\n"
    assert told.stderr == f"Error: the job '{job_id}' is queued: it can be deleted when it has ended\n"


def test_a_model_is_shown_with_all_that_is_known_of_it(neurond: Neurond, store: Store) -> None:
    dataset = ready(store)
    job_id = neurond("train", dataset, "--name", "guests", "-d").stdout.strip()
    model_id = add(store, "model_1", "guests", job_id=job_id, dataset=dataset)
    neurond("alias", "returns", model_id)

    shown = [neurond("show", text).stdout for text in (model_id, "returns")]
    whole = json.loads(neurond("show", "returns", "--json").stdout)

    assert shown[0] == shown[1]
    head, *lines = shown[0].splitlines()
    assert head == "model_1  guests"
    assert {line.split()[0]: " ".join(line.split()[1:]) for line in lines} == {
        "alias": "returns",
        "made": f"just now by {job_id}",
        "data": "set shop (ds_1)",
        "task": "classification of 2: no, yes",
        "inputs": "size, kind",
        "result": "90.00% on the test",
        "validation": "loss 0.125",
        "test": "accuracy 0.9, loss 0.25",
        "weights": "7 B, sha256 " + "0" * 64,
    }
    assert whole["classes"] == ["no", "yes"]


def test_a_job_is_shown_with_its_place_in_the_queue_and_with_why_it_failed(neurond: Neurond, store: Store) -> None:
    job_id = neurond("train", "mnist", "--name", "deep", "--seed", "7", "--metadata", "team=red", "-d").stdout.strip()
    waiting = neurond("show", "deep").stdout
    finish(store, job_id, epochs=2)
    failed = neurond("show", job_id).stdout

    for said in ("queued", "place 1", "mnist", "128-64 relu", "sgd, learning_rate 0.1", "batches of 128", "7", "red"):
        assert said in waiting
    for said in ("failed", "diverged: too steep", "loss 0.5"):
        assert said in failed


def test_a_job_and_the_model_that_it_made_are_one_thing_to_look_at(neurond: Neurond, store: Store) -> None:
    job_id = neurond("train", "mnist", "--name", "guests", "-d").stdout.strip()
    claim = store.jobs.claim("worker", 10_000)
    record = models.describe(
        name="guests",
        job_id=job_id,
        dataset="mnist",
        task="classification",
        classes=["0"],
        architecture={},
        metrics={},
        sha256="",
        size_bytes=1,
    )
    store.jobs.finish(claim, "succeeded", metrics={}, model=NewModel("model_1", record))

    assert neurond("show", "guests").stdout.startswith("model_1  guests\n")
    assert neurond("show", "guests", "--kind", "job").stdout.startswith(f"{job_id}  guests\n")


def test_a_data_set_is_shown_with_its_columns(neurond: Neurond, store: Store) -> None:
    columns = [{"name": "size", "kind": "numeric", "missing": 2}, {"name": "kind", "kind": "categorical", "missing": 0}]
    ready(store, columns=columns, column_count=2, target="y", class_counts=[3, 1], notes=["the first note"])

    lines = [line.split() for line in neurond("show", "shop").stdout.splitlines()]

    assert lines[0] == ["ds_1", "shop"]
    assert ["learns", "y:", "classification"] in lines
    assert ["classes", "no", "(3),", "yes", "(1)"] in lines
    assert ["size", "numbers,", "2", "missing"] in lines
    assert ["kind", "names"] in lines
    assert ["note", "the", "first", "note"] in lines
    assert neurond("show", "mnist").stdout.startswith("mnist\n")

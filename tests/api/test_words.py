"""What every command says on a terminal of 80 columns when it cannot do its work, word for word.

What it says of files stands in `tests/e2e/test_wrong_files.py`: services have to read those.
"""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from api.cli import MODULES
from tests.support.builders.models import add
from tests.support.builders.requests import SentWakeUps
from tests.support.live import server, url
from tests.support.terminal import Seen, Typed, run
from worker.settings import Settings
from worker.store import Store

__all__ = ["server", "url"]

CALLS = (
    "upload rows.csv",
    "datasets",
    "train mnist",
    "jobs",
    "watch job_1",
    "cancel job_1",
    "models",
    "predict model_1 rows.csv",
    "alias",
    "alias digits",
    "alias digits model_1",
    "export model_1",
    "import rows.csv",
    "show model_1",
    "delete --yes model_1",
    "train rows.csv",
    "upload --from ds_1",
)
"""Each command that calls a server, in all ways that begin with another request."""

NO_SERVER = {"demo", "up", "api", "worker", "health", "completion"}
"""Those that call none, or say themselves where it is."""

WRONG_KEY = "this API does not know the key that was sent: expected one of NEUROND_API_KEYS or NEUROND_READ_KEYS"
NO_KEY = "this API needs a key: send 'Authorization: Bearer <key>' with one of NEUROND_API_KEYS"

NOBODY = (
    "no answer from http://127.0.0.1:9: [Errno 111] Connection refused; is 'neurond up' running there? NEUROND_URL "
    "names another server"
)

UNKNOWN = {
    "train nobody": "no data set 'nobody': expected an ID or a name of 'neurond datasets', or a file",
    "train ds_1": "no data set 'ds_1': expected an ID or a name of 'neurond datasets', or a file",
    "train mnist --teacher nobody": "no model 'nobody': expected an ID or a name of 'neurond models'",
    "upload --from nobody": "no data set 'nobody': expected an ID or a name of 'neurond datasets'",
    "watch nobody": "no job 'nobody': expected an ID or a name of 'neurond jobs'",
    "cancel nobody job_1": "no job 'nobody': expected an ID or a name of 'neurond jobs'; "
    "no job 'job_1': expected an ID or a name of 'neurond jobs'",
    "predict nobody rows.csv": "no model 'nobody': expected an ID or a name of 'neurond models'",
    "alias nobody": "no alias 'nobody'; it never existed, or was deleted",
    "alias digits nobody": "no model 'nobody': expected an ID or a name of 'neurond models'",
    "alias Digits one": "alias: expected up to 64 of a-z, 0-9, '.', '_' and '-', beginning with a letter or digit, "
    "and not with 'model_', got 'Digits'",
    "export nobody": "no model 'nobody': expected an ID or a name of 'neurond models'",
    "show nobody": "nothing is called 'nobody': expected an ID or a name of 'neurond datasets', 'jobs', 'models' or "
    "'alias'",
    "show job_1": "no job 'job_1': expected an ID or a name of 'neurond jobs'",
    "show nobody --kind alias": "no alias 'nobody': expected an ID or a name of 'neurond alias'",
    "delete nobody": "nothing is called 'nobody': expected an ID or a name of 'neurond datasets', 'jobs', 'models' or "
    "'alias'",
    "show twice": "2 models are called twice: model_3 (AGO), model_2 (AGO); say which by its ID",
    "delete twice": "2 models are called twice: model_3 (AGO), model_2 (AGO); say which by its ID",
    "predict twice rows.csv": "2 models are called twice: model_3 (AGO), model_2 (AGO); say which by its ID",
}

USAGE = {
    "jobs --status done": "Invalid value for '--status': 'done' is not one of 'queued', 'running', 'succeeded', "
    "'failed', 'cancelled'.",
    "train": "say on what to train: 'neurond train mnist', a name of 'neurond datasets', or a file",
    "train mnist --target y": "--target is for a FILE; 'neurond upload --from DATASET' reads an upload again with "
    "other choices",
    "train mnist --hidden-layers wide": "Invalid value for '--hidden-layers': expected whole numbers with commas "
    "between, got 'wide'",
    "datasets --url 127.0.0.1:8000": "Invalid value for '--url' (env var: 'NEUROND_URL'): expected a URL that begins "
    "with http:// or https://, got '127.0.0.1:8000'; did you mean http://127.0.0.1:8000?",
    "health api --url localhost": "Invalid value for '--url': expected a URL that begins with http:// or https://, "
    "got 'localhost'; did you mean http://localhost?",
    "worker nobody": "Invalid value for '{training|prediction|files|models}': 'nobody' is not one of 'training', "
    "'prediction', 'files', 'models'.",
    "health nobody": "Invalid value for '{api|training|prediction|files|models}': 'nobody' is not one of 'api', "
    "'training', 'prediction', 'files', 'models'.",
    "completion nobody": "Invalid value for '{bash|zsh|fish}': 'nobody' is not one of 'bash', 'zsh', 'fish'.",
    "up --data rows.csv": "Invalid value for '--data': Directory 'rows.csv' is a file.",
    "api --host 0.0.0.0": "without API keys the API answers on loopback only, not on 0.0.0.0: set NEUROND_API_KEYS, or "
    "say --insecure if everyone who reaches this address may train, read and delete (NEUROND_HOSTS names it)",
    "nobody": "No such command 'nobody'.",
}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(api_keys="secret", blob_url=f"file://{tmp_path / 'blobs'}")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the commands are typed."""
    here = tmp_path / "here"
    here.mkdir()
    (here / "rows.csv").write_text("a,b\n1,2\n")
    return here


def errors(seen: Mapping[str, Seen], code: int) -> dict[str, str]:
    """What follows `Error:`; before it stands, of a wrong usage, how the command is used, and nothing else."""
    found = {}
    for command, one in seen.items():
        before, error, said = one.screen.partition("Error: ")
        assert error, f"neurond {command}: {one.screen}"
        assert one.code == code, f"neurond {command}: {one.screen}"
        assert re.fullmatch(r"(Usage: neurond .*\nTry 'neurond .*--?h(elp)?' for help\.\n\n)?", before), before
        assert (before != "") == (code == 2), before
        found[command] = said
    return found


def seen_of(commands: tuple[str, ...], environment: Mapping[str, str], folder: Path) -> dict[str, Seen]:
    """How each command ended; none tries twice."""
    return dict(zip(commands, run([Typed(words, environment) for words in commands], folder, patience=0), strict=True))


def test_the_tables_name_every_command() -> None:
    assert {call.split()[0] for call in CALLS} | NO_SERVER == MODULES.keys()


def test_each_command_tells_a_wrong_key_from_none(url: str, folder: Path) -> None:
    wrong = seen_of(CALLS, {"NEUROND_URL": url, "NEUROND_API_KEY": "bad"}, folder)
    without = seen_of(CALLS, {"NEUROND_URL": url}, folder)

    assert set(errors(wrong, 1).values()) == {f"{WRONG_KEY}; it came from NEUROND_API_KEY"}
    assert set(errors(without, 1).values()) == {
        f"{NO_KEY}; put the key into NEUROND_API_KEY, or its file's path into NEUROND_API_KEY_FILE"
    }


def test_each_command_says_that_no_server_answers(folder: Path) -> None:
    seen = seen_of(CALLS, {"NEUROND_URL": "http://127.0.0.1:9"}, folder)
    others = seen_of(("health api --url http://127.0.0.1:9",), {}, folder)
    redis = {"NEUROND_REDIS_URL": "redis://127.0.0.1:9/0"}
    stores = seen_of(("health training",), redis, folder)

    assert set(errors(seen, 3).values()) == {NOBODY}
    assert set(errors(others, 1).values()) == {"api is not ready"}
    assert set(errors(stores, 1).values()) == {
        "Redis cannot be reached: Error 111 connecting to 127.0.0.1:9. Connection refused."
    }


def test_each_command_says_which_name_it_does_not_know(
    url: str, store: Store, queue: SentWakeUps, folder: Path
) -> None:
    for model_id, name in (("model_1", "one"), ("model_2", "twice"), ("model_3", "twice")):
        add(store, model_id, name)

    seen = seen_of(tuple(UNKNOWN), {"NEUROND_URL": url, "NEUROND_API_KEY": "secret"}, folder)

    said = errors(seen, 1)
    assert {command: re.sub(r"\d+ (s|min) ago", "AGO", words) for command, words in said.items()} == UNKNOWN
    assert not queue.work


def test_each_wrong_usage_says_what_is_right(folder: Path) -> None:
    assert errors(seen_of(tuple(USAGE), {}, folder), 2) == USAGE


def test_what_is_deleted_on_a_terminal_is_asked_about(url: str, store: Store, folder: Path) -> None:
    add(store, "model_1", "one")
    environment = {"NEUROND_URL": url, "NEUROND_API_KEY": "secret"}

    no, yes, gone = run(
        [
            Typed("delete one", environment, keys="n\n"),
            Typed("delete one", environment, keys="y\n"),
            Typed("delete one", environment),
        ],
        folder,
    )

    assert "Delete model_1 (model, " in no.screen
    assert no.screen.endswith("Aborted!")
    assert no.code == 1
    assert yes.screen.endswith("model_1 is deleted")
    assert yes.code == 0
    assert gone.screen.startswith("Error: nothing is called 'one'")

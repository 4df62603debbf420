"""The key of a service of this machine: drawn once, for its owner, and sent to that service alone."""

import os
from pathlib import Path

import pytest

from api.local.drawn_key import draw
from neurond import Client, ClientError
from neurond.local_key import DATA_FOLDER, FILE, key_for, source_of_key

URL = "http://127.0.0.1:8720"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NEUROND_API_KEY", raising=False)
    monkeypatch.delenv("NEUROND_API_KEY_FILE", raising=False)
    (tmp_path / DATA_FOLDER).mkdir()
    return tmp_path


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_a_key_is_drawn_once_and_is_its_owners_alone(here: Path) -> None:
    old = os.umask(0)
    try:
        first, again = draw(here / DATA_FOLDER, URL), draw(here / DATA_FOLDER, "http://127.0.0.1:1")
    finally:
        os.umask(old)

    assert first == again
    assert len(first) >= 40
    assert mode(here / DATA_FOLDER / FILE) == 0o600
    assert [path.name for path in (here / DATA_FOLDER).iterdir()] == [FILE]


def test_a_key_that_others_may_read_is_none(here: Path) -> None:
    file = here / DATA_FOLDER / FILE
    first = draw(here / DATA_FOLDER, URL)
    file.chmod(0o644)

    assert draw(here / DATA_FOLDER, URL) != first
    assert mode(file) == 0o600


@pytest.mark.parametrize(
    ("url", "is_sent"),
    [
        (URL, True),
        ("http://localhost:8720", True),
        ("http://[::1]:8720/", True),
        ("http://127.0.0.1:8721", False),
        ("http://127.0.0.1.example:8720", False),
        ("http://server.example:8720", False),
        ("http://127.0.0.1:x", False),
    ],
)
def test_the_drawn_key_goes_to_its_service_alone(here: Path, url: str, is_sent: bool) -> None:
    key = draw(here / DATA_FOLDER, URL)

    assert key_for(url) == (key if is_sent else None)


def test_what_the_environment_says_goes_before(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    draw(here / DATA_FOLDER, URL)
    (here / "key").write_text("named\n")
    drawn = source_of_key(URL), source_of_key("http://server.example")
    monkeypatch.setenv("NEUROND_API_KEY_FILE", str(here / "key"))
    named = key_for("http://server.example"), source_of_key("http://server.example")
    monkeypatch.setenv("NEUROND_API_KEY", "said")

    assert drawn == ("neurond-data/api-key", None)
    assert named == ("named", f"{here / 'key'}, the file that NEUROND_API_KEY_FILE names")
    assert (key_for(URL), source_of_key(URL)) == ("said", "NEUROND_API_KEY")


def test_a_file_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEUROND_API_KEY_FILE", "/nowhere/key")

    with pytest.raises(ClientError, match="NEUROND_API_KEY_FILE cannot be read: No such file"):
        Client(URL)

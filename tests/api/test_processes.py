"""The last words of a process, for the message about its death."""

from pathlib import Path

import pytest

from api.local.processes import Service


@pytest.mark.parametrize(
    ("log", "words"),
    [
        ("first\nModuleNotFoundError: No module named 'x'\n", "ModuleNotFoundError: No module named 'x'"),
        ('{"time": "…", "event": "waiting for Redis", "error": "Connection refused"}\n',
         "waiting for Redis: Connection refused"),
        ('{"event": "claimed"}', "claimed"),
        ("7\n", "7"),
        ("", ""),
    ],
)  # fmt: skip
def test_the_last_line_is_said_in_words(tmp_path: Path, log: str, words: str) -> None:
    path = tmp_path / "log"
    path.write_text(log)

    assert Service("x", ["true"], {}, path).last_words() == words

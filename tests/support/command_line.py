"""The command line against a live server."""

from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result

from api.cli import main

Neurond = Callable[..., Result]


@pytest.fixture
def neurond(url: str, monkeypatch: pytest.MonkeyPatch) -> Neurond:
    """Run the command line against the live server."""
    monkeypatch.setenv("NEUROND_URL", url)

    def run(*arguments: str, stdin: str | None = None) -> Result:
        result = CliRunner().invoke(main, arguments, input=stdin)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    return run

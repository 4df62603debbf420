"""What a page has loaded, and what it must not do."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from neurond import Client

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext


def trained(client: Client, spec: dict) -> dict:
    """The job of `spec`, at its end."""
    *_, job = client.follow(client.submit(spec)["id"])
    assert job["status"] == "succeeded", job["error"]
    return job


def loaded(module: str) -> str:
    """JavaScript: a promise of `lib/{module}.js` as the page itself has loaded it."""
    return f'import(document.querySelector("script[type=module]").src.replace("main.js", "lib/{module}.js"))'


class Watch:
    """What a page must not do."""

    def __init__(self, context: BrowserContext) -> None:
        self.errors: list[str] = []
        self.expected: tuple[str, ...] = ()
        self.asked: list[str] = []
        context.on("request", lambda request: self.asked.append(request.url))
        context.on("console", lambda message: self._note(message.type, message.text))
        context.on("weberror", lambda error: self.errors.append(str(error.error)))

    def _note(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.errors.append(f"{kind}: {text}")

    def check(self, home: str) -> None:
        """Fail for errors in the console, and for requests that left the machine."""
        elsewhere = [
            url for url in self.asked if urlsplit(url).scheme not in ("data", "blob") and not url.startswith(home)
        ]
        assert [error for error in self.errors if not any(part in error for part in self.expected)] == []
        assert elsewhere == []


SCREENSHOTS: Final = Path(__file__).parents[3] / "build" / "screenshots"

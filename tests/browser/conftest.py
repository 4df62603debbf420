"""A real Chromium before a real service. Whatever a page prints as an error or asks of another host fails the test.

Screenshots are kept in `build/screenshots/`.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from api.local.stack import Stack
from neurond import Client
from tests.support import needs
from tests.support.browser.page import SCREENSHOTS, Watch, trained
from worker.settings import Settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize

SWITCHES: Final = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
"""What a browser does on its own is no part of the page: with these it asks nobody for anything."""


DESKTOP: Final = {"width": 1280, "height": 900}

DEMO: Final = {"dataset": "mnist", "name": "demo", "seed": 42}
"""The model of `neurond demo`."""


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    chromium = needs.program("chromium", "chromium-browser", "google-chrome")
    with needs.module("playwright.sync_api", group="browser").sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=SWITCHES)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def open_stack() -> Iterator[Callable[..., Stack]]:
    """Starts the service over a folder, by default one of its own; what was started ends with the tests."""
    with tempfile.TemporaryDirectory(prefix="neurond-") as name, pytest.MonkeyPatch.context() as patch:
        patch.delenv("NEUROND_REDIS_URL", raising=False)
        patch.delenv("NEUROND_BLOB_URL", raising=False)
        number = iter(range(100))
        yield lambda folder=None, **options: Stack(
            Settings.from_environment(),
            folder=folder or Path(name) / str(next(number)),
            host="127.0.0.1",
            port=0,
            tell=print,
            **options,
        )


@pytest.fixture(scope="session")
def stack(open_stack: Callable[[], Stack]) -> Iterator[Stack]:
    with open_stack() as stack:
        yield stack


@pytest.fixture
def empty_stack(open_stack: Callable[[], Stack]) -> Iterator[Stack]:
    """Another service, with nothing in it."""
    with open_stack() as stack:
        yield stack


@pytest.fixture(scope="session")
def client(stack: Stack) -> Iterator[Client]:
    with Client(stack.url) as client:
        yield client


@pytest.fixture(scope="session")
def model(client: Client) -> str:
    """ID of the demo's model."""
    return trained(client, DEMO)["model_id"]


@pytest.fixture
def watch() -> list[Watch]:
    return []


@pytest.fixture
def open_page(browser: Browser, stack: Stack, watch: list[Watch]) -> Iterator[Callable[..., Page]]:
    """Opens the page in a fresh session: `open_page("#/draw", viewport=…, color_scheme=…)`."""
    contexts: list[tuple[BrowserContext, str]] = []

    def open_one(route: str = "", *, url: str = stack.url, viewport: ViewportSize = DESKTOP, **options: str) -> Page:
        context = browser.new_context(viewport=viewport, **options)
        watch.append(Watch(context))
        contexts.append((context, url))
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.goto(f"{url}/{route}")
        return page

    yield open_one
    for context, _ in contexts:
        context.close()
    for one, (_, url) in zip(watch, contexts, strict=True):
        one.check(url)


@pytest.fixture
def keep() -> Callable[[Page, str], None]:
    """Keeps a screenshot."""

    def save(page: Page, name: str, *, full: bool = False) -> None:
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=full)

    return save

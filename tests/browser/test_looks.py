"""Every page, light and dark, from a phone to a wide screen: nothing sticks out, axe-core has nothing to say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from api.local.stack import Stack
from benchmarks.faults.service import children
from neurond import Client
from tests.support import needs
from tests.support.browser.axe import found_by_axe
from tests.support.browser.page import Watch, loaded, trained

if TYPE_CHECKING:
    from playwright.sync_api import Page

expect = needs.module("playwright.sync_api", group="browser").expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

FIRST_LOAD_BYTES: Final = 270_000
MOST_MEMORY_KB: Final = 120_000

HEIGHTS: Final = {390: 844, 1024: 768, 1600: 1000}

LOCK: Final = f"() => {loaded('api')}.then((api) => api.locked.set(true))"

VIEWS: Final = {
    "train": ("#/train", ".report"),
    "draw": ("#/draw?sample=3", '.answer[data-settled="true"]'),
    "inside": ("#/inside?sample=8", ".dozen .digit"),
    "jobs": ("#/library?tab=jobs", "tbody tr"),
    "datasets": ("#/library?tab=datasets&open=mnist", ".preview-images .digit"),
    "models": ("#/library?tab=models", "tbody tr"),
    "operate": ("#/operate", ".figures .numeric"),
}
"""View → its address, and what is there once it is drawn."""

READ: Final = {
    "backpropagation": ("learn/backpropagation", "h2"),
    "article": ("learn/article", "h2"),
    "docs": ("docs", ".call"),
    "docs-call": ("docs#createJob", ".call[open]"),
    "nothing": ("nothing", ".missing"),
}
"""Likewise of the pages that are read."""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", HEIGHTS)
@pytest.mark.parametrize("view", VIEWS | READ)
def test_view_fits_and_everyone_can_use_it(
    view: str,
    width: int,
    scheme: str,
    model: str,
    open_page: Callable[..., Page],
    keep: Callable[..., None],
    watch: list[Watch],
) -> None:
    route, drawn = (VIEWS | READ)[view]
    page = open_page(route, viewport={"width": width, "height": HEIGHTS[width]}, color_scheme=scheme)
    watch[0].expected = ("status of 404",) if view == "nothing" else ()
    page.locator(drawn).first.wait_for()

    keep(page, f"{view}-{width}-{scheme}", full=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert found_by_axe(page) == []


def test_the_dialog_for_the_key_is_usable_by_everyone(model: str, open_page: Callable[..., Page]) -> None:
    page = open_page("#/train")
    page.evaluate(LOCK)
    page.get_by_role("dialog").wait_for()

    assert found_by_axe(page) == []


def test_first_load_is_light(model: str, stack: Stack, open_page: Callable[..., Page]) -> None:
    """As the browser counts it: everything until the first view stands, what the API says included."""
    page = open_page("#/draw")
    page.get_by_label("Drawing pad").wait_for()

    sent = page.evaluate("performance.getEntries().reduce((sum, entry) => sum + (entry.transferSize ?? 0), 0)")

    print(f"first load: {sent} bytes over the wire")
    assert 20_000 < sent < FIRST_LOAD_BYTES


def test_processes_of_the_api_stay_small(
    model: str, client: Client, stack: Stack, open_page: Callable[..., Page]
) -> None:
    for route, drawn in VIEWS.values():
        open_page(route).locator(drawn).first.wait_for()
    api = next(service for service in stack.services if service.name == "api")
    assert api.process is not None

    memory = {pid: resident(pid) for pid in [api.process.pid, *children(api.process.pid)]}

    print(f"resident memory of the API's processes, in kB: {memory}")
    assert len(memory) > 1
    assert max(memory.values()) < MOST_MEMORY_KB


def resident(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))


def test_a_service_that_is_well_says_so(model: str, open_page: Callable[..., Page]) -> None:
    page = open_page("#/operate")

    expect(page.locator(".verdict")).to_contain_text("All is well")


@pytest.mark.parametrize("width", [360, 1280])
def test_a_long_name_without_spaces_stays_in_the_window(
    width: int, client: Client, open_page: Callable[..., Page], keep: Callable[..., None]
) -> None:
    spec = {"dataset": "mnist", "name": "x" * 200, "model": {"hidden_layers": [8]}, "training": {"epochs": 1}}
    job = trained(client, spec)
    views = {
        "train": (f"#/train?runs={job['id']}", ".report"),
        "jobs": ("#/library?tab=jobs", "tbody tr"),
        "models": ("#/library?tab=models", "tbody tr"),
    }
    for name, (route, drawn) in views.items():
        page = open_page(route, viewport={"width": width, "height": 800})
        page.locator(drawn).first.wait_for()
        keep(page, f"long-name-{name}-{width}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        tables = page.locator(".table-wrap:has(.list)")
        assert not any(tables.evaluate_all("(all) => all.map((table) => table.scrollWidth > table.clientWidth)"))


@pytest.mark.parametrize("path", ["learn/backpropagation", "learn/article", "docs"])
def test_a_page_to_be_read_fits_a_phone(path: str, open_page: Callable[..., Page], keep: Callable[..., None]) -> None:
    """Without a word in the console, as every page."""
    page = open_page(path, viewport={"width": 360, "height": 740})
    page.locator("h1, h2").first.wait_for()
    page.wait_for_load_state("networkidle")

    keep(page, f"{path.replace('/', '-')}-360")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360

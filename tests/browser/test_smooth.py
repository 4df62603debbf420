"""The page answers whoever touches it: with 300 runs listed and three growing, no task takes long."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

import pytest

from api.local.stack import Stack
from benchmarks.kept import keep_jobs
from neurond import Client
from tests.support import needs
from tests.support.browser.kept import RUNS, kept_runs
from tests.support.browser.tasks import MOST_MS, Tasks, smoothest, traced

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

expect = needs.module("playwright.sync_api", group="browser").expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

BUSY: Final = "() => { const end = performance.now() + 1000; while (performance.now() < end); document.title = 'done' }"
"""Long enough to take the processor for `MOST_MS` where it is shared by many."""
GROWING: Final = 3
LOOKED_AT_MS: Final = 10_000


@pytest.fixture(scope="module")
def growing(
    open_stack: Callable[..., Stack], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Client, list[str]]]:
    """A service that keeps 300 runs while three more learn, one after the other."""
    folder = tmp_path_factory.mktemp("kept")
    keep_jobs(folder, kept_runs())
    with open_stack(folder, train_workers=GROWING) as stack, Client(stack.url) as client:
        spec = {"dataset": "mnist", "model": {"hidden_layers": [8]}, "training": {"epochs": 10_000, "batch_size": 4096}}
        made = [client.submit(spec).id for _ in range(GROWING)]
        while any(not client.job(job_id).metrics for job_id in made):
            pass
        yield client, made
        for job_id in made:
            client.cancel(job_id)


def test_a_long_task_is_seen(browser: Browser, open_page: Callable[..., Page]) -> None:
    page = open_page("#/train")
    page.get_by_role("button", name="Start training").wait_for()

    with traced(browser, page) as tasks:
        page.evaluate(f"() => {{ setTimeout({BUSY}) }}")
        page.wait_for_function("document.title === 'done'")

    assert tasks.longest > MOST_MS


def test_no_task_is_long_with_300_runs_listed(
    growing: tuple[Client, list[str]], browser: Browser, open_page: Callable[..., Page]
) -> None:
    client, _ = growing

    def look() -> Tasks:
        page = open_page("#/library?tab=jobs", url=client.url)
        expect(page.locator("tbody tr").first).to_be_visible()
        with traced(browser, page) as tasks:
            for rows in (40, 80, 160, RUNS + GROWING):
                page.get_by_role("button", name="More").click()
                expect(page.locator("table")).to_have_attribute("aria-rowcount", str(rows + 1), timeout=20_000)
            page.locator("tbody").last.scroll_into_view_if_needed()
            expect(page.locator(f'[aria-rowindex="{RUNS + GROWING + 1}"]')).to_be_visible()
            page.evaluate("scrollTo(0, 0)")
            page.get_by_role("checkbox").first.check()
            page.locator(".row-button").first.click()
            page.wait_for_timeout(LOOKED_AT_MS)
            page.get_by_role("button", name="Result").click()
            page.wait_for_timeout(LOOKED_AT_MS / 5)
        return tasks

    tasks = smoothest(look)

    assert len(tasks.milliseconds) > 100
    assert tasks.longest < MOST_MS


def test_no_task_is_long_while_three_curves_grow(
    growing: tuple[Client, list[str]], browser: Browser, open_page: Callable[..., Page]
) -> None:
    client, made = growing

    def look() -> Tasks:
        page = open_page(f"#/train?runs={','.join(made)}", url=client.url)
        expect(page.locator(".run")).to_have_count(GROWING)
        with traced(browser, page) as tasks:
            page.wait_for_timeout(LOOKED_AT_MS)
        return tasks

    tasks = smoothest(look)

    assert len(tasks.milliseconds) > 100
    assert tasks.longest < MOST_MS

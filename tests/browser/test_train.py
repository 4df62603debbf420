"""Train: runs are started, watched to their end, compared, cancelled, and say why they failed."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from neurond import Client
from tests.support import needs
from tests.support.browser.page import trained
from tests.support.browser.tasks import MOST_MS, Tasks, smoothest, traced

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

expect = needs.module("playwright.sync_api", group="browser").expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


SMALL: dict[str, Any] = {
    "dataset": "mnist",
    "model": {"hidden_layers": [16]},
    "training": {"epochs": 50, "batch_size": 1024},
}


def test_a_run_is_started_and_its_curve_grows_to_the_end(
    open_page: Callable[..., Page], keep: Callable[..., None]
) -> None:
    page = open_page("#/train?runs=")
    page.get_by_role("button", name="Quick").click()
    page.get_by_label("Epochs").fill("4")

    page.get_by_role("button", name="Start training").click()

    run = page.locator(".run")
    expect(run).to_contain_text("succeeded", timeout=90_000)
    expect(page.get_by_role("img", name=re.compile(r"^Accuracy by epoch.*after 4 epochs"))).to_be_visible()
    expect(run).to_contain_text("on the test set")
    expect(page.locator(".confusion")).to_be_visible()
    expect(page.locator(".mistake")).not_to_have_count(0)
    keep(page, "train-to-the-end", full=True)


def test_how_far_off_a_regression_is_stands_beside_its_run_and_in_the_lists(
    client: Client, tmp_path: Path, open_page: Callable[..., Page], keep: Callable[..., None]
) -> None:
    houses = tmp_path / "houses.csv"
    houses.write_text("size,rooms,price\n" + "\n".join(f"{n},{n % 7},{3 * n + n % 7}" for n in range(400)))
    dataset = client.upload(houses).wait()
    job = trained(client, {"dataset": dataset.id, "training": {"epochs": 60, "batch_size": 16}})
    off = re.compile(r"± [\d.,]+ RMSE")

    page = open_page(f"#/train?runs={job['id']}")
    expect(page.locator(".run-facts")).to_contain_text(off)
    expect(page.locator(".run-facts")).to_contain_text("always the mean")
    expect(page.locator(".run-facts .good", has_text="R²")).to_be_visible()
    keep(page, "train-regression", full=True)

    for tab in ("jobs", "models"):
        page = open_page(f"#/library?tab={tab}")
        expect(page.locator("tbody tr").first).to_contain_text(off)


def test_a_run_learns_from_a_model_that_is_there(
    model: str, client: Client, open_page: Callable[..., Page], keep: Callable[..., None]
) -> None:
    page = open_page("#/train?runs=")
    page.get_by_role("button", name="Quick").click()
    page.get_by_text("More", exact=True).click()
    loss = page.locator("form").get_by_label("Loss")
    expect(loss).to_be_visible()

    page.get_by_label("Learns from").select_option(model)
    expect(loss).to_have_count(0)
    keep(page, "train-teacher", full=True)
    page.get_by_role("button", name="Start training").click()

    expect(page.locator(".run")).to_contain_text("succeeded", timeout=90_000)
    [newest] = client.jobs(limit=1)
    assert newest["config"]["training"]["teacher"] == {"models": [model], "temperature": 4.0}
    page.get_by_role("button", name="Wide").click()
    expect(page.get_by_label("Learns from")).to_have_value("")


def test_a_run_is_cancelled(open_page: Callable[..., Page]) -> None:
    page = open_page("#/train?runs=")
    page.get_by_label("Epochs").fill("2000")
    page.get_by_role("button", name="Start training").click()
    expect(page.locator(".run .status")).to_have_text("running", timeout=30_000)

    page.get_by_role("button", name="Cancel").click()

    expect(page.locator(".run .status")).to_have_text("cancelled", timeout=30_000)


def test_a_cancel_that_fails_says_so(
    client: Client, open_page: Callable[..., Page], keep: Callable[..., None], watch: list
) -> None:
    job = client.submit(SMALL | {"training": {"epochs": 10_000}})["id"]
    page = open_page(f"#/train?runs={job}")
    watch[0].expected = ("Failed to load resource",)
    page.context.route("**/cancel", lambda route: route.abort(), times=1)

    page.get_by_role("button", name="Cancel").click()

    expect(page.locator(".run").get_by_role("alert")).to_contain_text("does not answer")
    keep(page, "train-cancel-failed")
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator(".run .status")).to_have_text("cancelled", timeout=30_000)
    expect(page.get_by_role("alert")).to_have_count(0)


@pytest.mark.parametrize("without", ["nothing", "locks"])
def test_two_tabs_that_follow_three_runs_each_leave_the_browser_connections(
    without: str, client: Client, open_page: Callable[..., Page]
) -> None:
    """It opens six to a host, for all its tabs: streams that took them all left none to ask anything else by.

    There are no locks over plain HTTP from another machine.
    """
    jobs = [client.submit(SMALL | {"name": f"long {n}", "training": {"epochs": 10_000}})["id"] for n in range(3)]
    try:
        first = open_page("#/operate")
        first.context.add_init_script(f"delete Navigator.prototype.{without}")
        first.goto(f"{first.url.partition('#')[0]}?again#/train?runs={','.join(jobs)}")
        expect(first.locator(".run")).to_have_count(3)
        second = first.context.new_page()
        second.goto(first.url)
        expect(second.locator(".run")).to_have_count(3)
        first.wait_for_timeout(1500)

        for page in (first, second):
            assert page.evaluate("fetch('/v1/jobs?limit=1', { signal: AbortSignal.timeout(5000) }).then((a) => a.ok)")
            facts, curve = page.locator(f'.run[data-job="{jobs[0]}"] .run-facts'), page.locator(".chart").first
            told, drawn = facts.inner_text(), curve.get_attribute("aria-label")
            expect(facts).not_to_contain_text(f"{told.partition(' of ')[0]} of ")
            expect(curve).not_to_have_attribute("aria-label", drawn)
    finally:
        for job in jobs:
            client.cancel(job)


def test_a_run_that_has_ended_stays_so_whatever_an_older_list_tells(
    client: Client, open_page: Callable[..., Page]
) -> None:
    ended, _ = (trained(client, SMALL | {"training": {"epochs": 1}}) for _ in range(2))
    page = open_page("#/operate")
    page.context.route("**/v1/jobs?limit=12", lambda route: route.fulfill(json=as_of_before(route, ended["id"])))
    page.goto(page.url.partition("#")[0] + f"#/train?runs={ended['id']}")
    status = page.locator(f'.run[data-job="{ended["id"]}"] .status')
    expect(status).to_have_text("succeeded")

    page.get_by_text("Compare with an earlier run").click()
    page.locator(".other").first.click()

    expect(page.locator(".run")).to_have_count(2)
    page.wait_for_timeout(1000)
    expect(status).to_have_text("succeeded")


def as_of_before(route: Route, job: str) -> dict[str, Any]:
    """The list of jobs that was asked for, where `job` still runs."""
    page: dict[str, Any] = route.fetch().json()
    for one in page["data"]:
        if one["id"] == job:
            one |= {"status": "running", "finished_at": None, "model_id": None}
    return page


def test_the_curve_of_a_run_that_ended_while_its_first_events_were_on_their_way_is_whole(
    model: str, client: Client, open_page: Callable[..., Page]
) -> None:
    job = client.model(model).job_id
    page = open_page("#/operate")
    held: list[Route] = []
    page.context.route(
        f"**/v1/jobs/{job}/events?limit=100", lambda route: route.continue_() if held else held.append(route)
    )
    page.goto(page.url.partition("#")[0] + f"#/train?runs={job}")
    expect(page.locator(".run .status")).to_have_text("succeeded")

    held[0].fulfill(json={"object": "list", "data": [], "has_more": False})

    expect(page.get_by_role("img", name=re.compile(r"^Accuracy by epoch.*after 10 epochs"))).to_be_visible()


def test_a_failed_run_says_why(open_page: Callable[..., Page], keep: Callable[..., None]) -> None:
    page = open_page("#/train?runs=")
    page.get_by_label("Learning rate").fill("100000")

    page.get_by_role("button", name="Start training").click()

    expect(page.locator(".run .status")).to_have_text("failed", timeout=60_000)
    expect(page.locator(".run-error")).to_contain_text("diverged")
    keep(page, "train-failed")


def test_a_wrong_number_is_told_beside_the_button_and_nothing_starts(
    open_page: Callable[..., Page], watch: list
) -> None:
    page = open_page("#/train?runs=")
    watch[0].expected = ("status of 422",)
    page.get_by_label("Units of hidden layer 1").fill("0")

    page.evaluate("document.querySelector('.run-form').noValidate = true")
    page.get_by_role("button", name="Start training").click()

    expect(page.get_by_role("alert")).to_contain_text("#/model/hidden_layers/0")
    expect(page.locator(".run")).to_have_count(0)


def test_fifty_epochs_over_two_other_runs_are_drawn_without_a_long_task(
    client: Client, browser: Browser, open_page: Callable[..., Page], keep: Callable[..., None]
) -> None:
    done = [trained(client, SMALL | {"seed": seed})["id"] for seed in (1, 2)]

    def look() -> Tasks:
        live = client.submit(SMALL | {"seed": 3})["id"]
        page = open_page()
        with traced(browser, page) as tasks:
            page.goto(page.url.partition("#")[0] + f"#/train?runs={','.join([*done, live])}")
            expect(page.locator(f'.run[data-job="{live}"] .status')).to_have_text("succeeded", timeout=90_000)
            expect(page.locator(".run")).to_have_count(3)
        keep(page, "train-three-runs", full=True)
        return tasks

    tasks = smoothest(look)

    assert len(tasks.milliseconds) > 500
    assert tasks.longest < MOST_MS

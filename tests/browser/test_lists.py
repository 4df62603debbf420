"""Library's lists where they are long: pages are added, and what happens meanwhile takes nothing away."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from api.local.stack import Stack
from neurond import Client
from tests.support import needs

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

expect = needs.module("playwright.sync_api", group="browser").expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

PAGE: Final = 20
JOBS: Final = 2 * PAGE + 5
MODELS: Final = PAGE + 5

ALL_JOBS: Final = re.compile(r"/v1/jobs\?limit=")


@pytest.fixture(scope="module")
def crowded(open_stack: Callable[[], Stack]) -> Iterator[Client]:
    """A service that keeps many jobs."""
    with open_stack() as stack, Client(stack.url) as client:
        for number in range(JOBS):
            ended(client, f"job {number}")
        yield client


def ended(client: Client, name: str) -> str:
    """The ID of a job that was cancelled at once."""
    job = client.submit({"dataset": "mnist", "name": name, "training": {"epochs": 10_000}})["id"]
    client.cancel(job)
    return str(job)


@pytest.fixture
def many_models(model: str, client: Client, crowded: Client, tmp_path: Path) -> list[str]:
    """IDs of many models, newest first."""
    client.export(model, file := tmp_path / "model.safetensors")
    for _ in range(MODELS - len(list(crowded.models()))):
        crowded.import_model(file)
    return [one.id for one in crowded.models()]


def test_what_is_new_pushes_nothing_out_of_a_list_that_was_made_longer(
    crowded: Client, open_page: Callable[..., Page]
) -> None:
    page = open_page("#/library?tab=jobs", url=crowded.url)
    rows = page.locator("tbody tr")
    page.get_by_role("button", name="More").click()
    expect(rows).to_have_count(2 * PAGE)
    before = page.locator(".row-button").all_text_contents()

    ended(crowded, "new")

    expect(rows.first).to_contain_text("new", timeout=10_000)
    assert page.locator(".row-button").all_text_contents() == ["new", *before]


def test_a_page_that_comes_after_another_state_was_chosen_is_not_added(
    crowded: Client, open_page: Callable[..., Page]
) -> None:
    page = open_page("#/library?tab=jobs", url=crowded.url)
    expect(page.locator("tbody tr")).to_have_count(PAGE)
    held: list[Route] = []
    page.context.route(ALL_JOBS, lambda route: held.append(route))
    with page.expect_request(ALL_JOBS):
        page.get_by_role("button", name="More").click()

    page.get_by_role("button", name="failed").click()
    expect(page.locator(".empty")).to_have_text("No job is failed.")
    for route in held:
        route.continue_()

    page.wait_for_timeout(1000)
    expect(page.locator("tbody tr")).to_have_count(0)


def test_a_page_that_cannot_be_had_says_so(crowded: Client, open_page: Callable[..., Page], watch: list) -> None:
    page = open_page("#/library?tab=jobs", url=crowded.url)
    watch[0].expected = ("Failed to load resource",)
    expect(page.locator("tbody tr")).to_have_count(PAGE)
    page.context.route(ALL_JOBS, lambda route: route.abort())

    page.get_by_role("button", name="More").click()

    expect(page.get_by_role("alert")).to_contain_text("does not answer")
    expect(page.locator("tbody tr")).to_have_count(PAGE)
    page.context.unroute(ALL_JOBS)
    expect(page.locator("tbody tr")).to_have_count(2 * PAGE, timeout=10_000)
    expect(page.get_by_role("alert")).to_have_count(0)


def test_an_address_opens_a_job_that_is_far_down_the_list(crowded: Client, open_page: Callable[..., Page]) -> None:
    *_, oldest = crowded.jobs()

    page = open_page(f"#/library?tab=jobs&open={oldest.id}", url=crowded.url)

    expect(page.locator("tr.details")).to_contain_text(oldest.id)
    for _ in range(2):
        page.get_by_role("button", name="More").click()
    expect(page.get_by_role("button", name="More")).to_have_count(0)
    expect(page.locator("tr.chosen")).to_have_count(1)
    expect(page.locator("tr.details")).to_contain_text(oldest.id)


def test_what_is_done_with_a_model_far_down_the_list_leaves_the_list_as_long(
    many_models: list[str], crowded: Client, open_page: Callable[..., Page]
) -> None:
    page = open_page("#/library?tab=models", url=crowded.url)
    page.get_by_role("button", name="More").click()
    titles = page.locator(".row-button")
    expect(titles).to_have_count(len(many_models))
    titles.last.click()
    details = page.locator("tr.details")

    with page.expect_download():
        details.get_by_role("button", name="npz").click()
    page.wait_for_timeout(500)
    expect(titles).to_have_count(len(many_models))
    page.once("dialog", lambda dialog: dialog.dismiss())
    details.get_by_role("button", name="Delete").click()
    details.get_by_placeholder("digits").fill("oldest")
    details.get_by_role("button", name="Give it this name").click()

    expect(details.locator(".alias")).to_contain_text("oldest")
    expect(titles).to_have_count(len(many_models))
    details.get_by_role("button", name="Remove the name oldest").click()
    expect(details.locator(".alias")).to_have_count(0)


@pytest.mark.parametrize("place", [0, -1])
def test_a_model_that_is_deleted_leaves_with_its_details(
    place: int, many_models: list[str], crowded: Client, open_page: Callable[..., Page]
) -> None:
    gone = many_models[place]
    page = open_page(f"#/library?tab=models&open={gone}", url=crowded.url)
    expect(page.locator("tr.details")).to_contain_text(gone)

    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Delete").click()

    expect(page.locator("tr.details")).to_have_count(0)
    expect(page.locator(".row-button")).to_have_count(PAGE)
    assert page.url.endswith("#/library?tab=models")
    assert gone not in [one.id for one in crowded.models()]


def test_a_cancel_that_fails_says_so(
    crowded: Client, open_page: Callable[..., Page], keep: Callable[..., None], watch: list
) -> None:
    job = crowded.submit({"dataset": "mnist", "training": {"epochs": 10_000}})["id"]
    page = open_page(f"#/library?tab=jobs&open={job}", url=crowded.url)
    watch[0].expected = ("Failed to load resource",)
    page.context.route("**/cancel", lambda route: route.abort())
    details = page.locator("tr.details")

    details.get_by_role("button", name="Cancel").click()

    expect(details.get_by_role("alert")).to_contain_text("does not answer")
    keep(page, "library-cancel-failed")
    page.context.unroute("**/cancel")
    details.get_by_role("button", name="Cancel").click()
    expect(page.locator("tr.chosen")).to_contain_text("cancelled", timeout=30_000)

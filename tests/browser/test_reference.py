"""The reference at /docs: a call is found, opened by its address, and tried with the page's own key."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tests.support import needs

if TYPE_CHECKING:
    from playwright.sync_api import Page

expect = needs.module("playwright.sync_api", group="browser").expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def test_a_call_is_found_and_tried(open_page: Callable[..., Page], keep: Callable[..., None]) -> None:
    page = open_page("docs")
    page.get_by_label("Find a call").fill("dataset_id samples")
    expect(page.locator(".call:visible")).to_have_count(1)

    page.locator(".call:visible > summary").click()
    page.get_by_text("Try it", exact=True).locator("visible=true").click()
    form = page.get_by_role("form", name="Try GET /v1/datasets/{dataset_id}/samples")
    form.get_by_label("dataset_id").fill("mnist")
    form.get_by_label("limit").fill("1")
    form.get_by_role("button", name="Send").click()

    expect(form.locator("output")).to_have_text(re.compile("^200 OK, "))
    expect(form.locator("pre")).to_contain_text('"index": 0,')
    keep(page, "docs-tried", full=True)


def test_a_body_is_sent_as_it_is_written(open_page: Callable[..., Page], watch: list) -> None:
    page = open_page("docs#createJob")
    watch[0].expected = ("status of 422",)
    page.get_by_text("Try it", exact=True).locator("visible=true").click()
    form = page.get_by_role("form", name="Try POST /v1/jobs", exact=True)

    form.get_by_label("Body").fill('{"dataset": "mnist", "epochs": 3}')
    form.get_by_role("button", name="Send").click()

    expect(form.locator("output")).to_have_text(re.compile("^422 "))
    expect(form.locator("pre")).to_contain_text("unknown field")


def test_the_address_of_a_call_opens_it(open_page: Callable[..., Page]) -> None:
    page = open_page("docs#getReadiness")

    expect(page.locator("#getReadiness .call-body")).to_be_visible()
    page.get_by_role("link", name="Errors", exact=True).click()
    expect(page.locator("#error-507")).to_contain_text("keeps as many bytes as it may")


def test_every_page_has_the_masthead_of_the_views(open_page: Callable[..., Page], watch: list) -> None:
    """Word by word and line by line: one is written as a file, the other drawn by the page."""
    seen = {}
    for path in ("#/operate", "learn/article", "docs", "nothing"):
        page = open_page(path)
        watch[-1].expected = ("status of 404",) if path == "nothing" else ()
        page.locator(".views a").last.wait_for()
        links = page.locator(".views a, .foot a").evaluate_all(
            "(all) => all.map((a) => [a.textContent.trim(), new URL(a.href).hash || new URL(a.href).pathname,"
            " a.querySelector('path')?.getAttribute('d')])"
        )
        mark = page.locator(".wordmark path").get_attribute("d")
        seen[path] = [links, mark]

    assert seen["#/operate"][0]
    assert all(one == seen["#/operate"] for one in seen.values())


def test_colours_are_chosen_on_any_page_for_all(open_page: Callable[..., Page]) -> None:
    page = open_page("learn/article", color_scheme="light")

    page.get_by_role("button", name="Change between light and dark colours").click()
    page.get_by_role("link", name="Operate").click()

    expect(page.get_by_role("button", name="Use light colours")).to_be_visible()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"

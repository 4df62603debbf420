"""The address says which view is shown; where it names none, the page chooses one."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import pytest

from neurond import Client
from tests.support import needs

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

expect = needs.module("playwright.sync_api", group="browser").expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

HOLD: Final = """
  const { fetch } = window;
  window.fetch = (path, options) => path !== "/v1/models?limit=1" ? fetch(path, options) : new Promise((resolve) => {
    window.answer = () => resolve({ ok: true, status: 200, json: async () => ({ data: [{}] }) });
  });
"""
"""By what the page chooses its first view is held back until `answer()`."""


def test_a_link_followed_before_the_page_has_chosen_a_view_is_kept(open_page: Callable[..., Page]) -> None:
    """The answer comes after the address has changed, and before the page is told so by `hashchange`."""
    page = open_page("#/train")
    page.context.add_init_script(HOLD)
    page.goto(f"{page.url.partition('#')[0]}?again")
    page.wait_for_function("Boolean(window.answer)")

    page.evaluate("""() => {
      location.hash = "#/library?tab=datasets";
      answer();
    }""")

    expect(page.get_by_role("link", name="Library")).to_have_attribute("aria-current", "page")
    expect(page.locator("tbody")).to_contain_text("mnist")
    assert page.evaluate("location.hash") == "#/library?tab=datasets"


def test_an_address_without_a_view_of_ours_shows_the_first_one(open_page: Callable[..., Page]) -> None:
    page = open_page("#/nothing?of=this")

    expect(page.locator('nav [aria-current="page"]')).to_have_count(1)
    assert "nothing" not in page.evaluate("location.hash")


def test_the_only_run_is_taken_out_and_none_comes_back(
    model: str, client: Client, open_page: Callable[..., Page], keep: Callable[..., None]
) -> None:
    page = open_page(f"#/train?runs={client.model(model).job_id}")

    page.get_by_role("button", name="Take demo out of the charts").click()

    expect(page.locator(".run")).to_have_count(0)
    expect(page.locator(".runs .empty")).to_have_text(re.compile("No run is shown"))
    page.get_by_label("log loss").check()
    assert page.evaluate("location.hash") == "#/train?runs=&log=1"
    page.reload()
    expect(page.locator(".other").first).to_be_visible()
    expect(page.locator(".run")).to_have_count(0)
    keep(page, "train-none-shown")


def test_a_run_that_starts_while_another_view_is_shown_does_not_stand_in_its_address(
    client: Client, open_page: Callable[..., Page]
) -> None:
    page = open_page("#/train?runs=")
    held: list[Route] = []
    page.context.route("**/v1/jobs", lambda route: held.append(route))
    page.get_by_role("button", name="Start training").click()
    page.get_by_role("link", name="Operate").click()
    expect(page.get_by_role("link", name="Operate")).to_have_attribute("aria-current", "page")

    with page.expect_response("**/v1/jobs") as answer:
        held[0].continue_()

    page.wait_for_timeout(300)
    assert page.evaluate("location.hash") == "#/operate"
    client.cancel(answer.value.json()["id"])

"""What Library opens in a row: heads in order, a built-in data set like one's own, files that say that they come."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import pytest

from neurond import Client
from tests.support import needs

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

expect = needs.module("playwright.sync_api", group="browser").expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

LEVELS: Final = 'Array.from(document.querySelectorAll("h1, h2, h3, h4"), (head) => Number(head.tagName[1]))'


def test_no_head_skips_a_level(model: str, client: Client, open_page: Callable[..., Page]) -> None:
    job = client.model(model).job_id

    for tab, one in {"jobs": job, "datasets": "mnist", "models": model}.items():
        page = open_page(f"#/library?tab={tab}&open={one}")
        page.locator("tr.details h2").first.wait_for()
        levels = page.evaluate(LEVELS)

        assert levels[0] == 1
        assert all(after <= before + 1 for before, after in pairwise(levels)), (tab, levels)


def test_what_is_built_in_shows_the_rows_of_each_class(open_page: Callable[..., Page]) -> None:
    page = open_page("#/library?tab=datasets&open=mnist")

    expect(page.locator(".bars li")).to_have_count(10)
    expect(page.locator(".bars li").nth(1)).to_contain_text("7,877")


def test_a_file_that_is_made_says_so_until_it_comes(model: str, open_page: Callable[..., Page]) -> None:
    page = open_page(f"#/library?tab=models&open={model}")
    held: list[Route] = []
    page.context.route("**/export?format=onnx", lambda route: held.append(route))
    with page.expect_request("**/export?format=onnx"):
        page.get_by_role("button", name="onnx").click()

    expect(page.get_by_role("button", name="onnx is coming…")).to_be_disabled()
    with page.expect_download() as download:
        held[0].continue_()

    assert download.value.suggested_filename.endswith(".onnx")
    expect(page.get_by_role("button", name="onnx", exact=True)).to_be_enabled()

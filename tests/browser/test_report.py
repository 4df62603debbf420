"""What a run still gets wrong: its own matrix, and its own mistakes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import pytest

from api.client import Client
from tests import needs
from tests.browser.conftest import trained

if TYPE_CHECKING:
    from playwright.sync_api import Page

expect = needs.module("playwright.sync_api", extra="browser").expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

WEAK: Final[dict[str, Any]] = {
    "dataset": "mnist",
    "model": {"hidden_layers": [4]},
    "training": {"epochs": 1, "batch_size": 512},
}


def test_a_cell_chosen_in_one_run_s_matrix_is_not_chosen_in_another_s(
    client: Client, open_page: Callable[..., Page]
) -> None:
    one, other = (trained(client, WEAK | {"name": f"weak {seed}", "seed": seed})["id"] for seed in (1, 2))
    page = open_page(f"#/train?runs={one},{other}&run={one}")
    page.locator(".confusion button").first.click()
    expect(page.locator(".mistakes-side h3")).to_contain_text("taken for")

    page.locator(".run-name", has_text="weak 2").click()

    expect(page.locator("#report-title")).to_contain_text("weak 2")
    expect(page.locator(".mistakes-side h3")).to_contain_text("worst mistakes")
    expect(page.locator('.confusion [aria-pressed="true"]')).to_have_count(0)

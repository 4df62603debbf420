"""Operate: what it shows at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tests.support import needs
from tests.support.browser.charts import OF_THE_FIRST_CHART, WRITTEN

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

expect = needs.module("playwright.sync_api", group="browser").expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def test_the_chart_has_its_axes_from_the_first_reading(open_page: Callable[..., Page]) -> None:
    page = open_page("docs")
    page.context.add_init_script(WRITTEN)
    readings: list[Route] = []

    def once(route: Route) -> None:
        readings.append(route)
        if len(readings) == 1:
            route.continue_()

    page.route("**/metrics", once)

    page.goto(f"{page.url.removesuffix('docs')}#/operate")
    page.locator(".chart canvas").wait_for()
    page.wait_for_function(f"() => ({OF_THE_FIRST_CHART})().length > 3")

    axes = [entry["text"] for entry in page.evaluate(OF_THE_FIRST_CHART)]
    assert "now" in axes
    assert "0" in axes

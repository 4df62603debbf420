"""By keyboard alone, by a finger on a phone, and as a reader hears it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from neurond import Client
from tests.support import needs
from tests.support.browser.axe import found_by_axe

if TYPE_CHECKING:
    from playwright.sync_api import Page

expect = needs.module("playwright.sync_api", group="browser").expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

PHONE: Final = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}

FOCUSED: Final = "document.activeElement.matches('h1') ? document.activeElement.textContent : null"

SMALL: Final = """() => {
  const touched = "button, input:not(.unseen), select, summary, textarea, .button, .views a, .foot a, [role=tab]";
  const seen = [...document.querySelectorAll(touched)]
    .filter((element) => element.checkVisibility() && !element.closest(".unseen"));
  // A box that is ticked is as large as its label.
  const sized = seen.map((element) => element.closest("label.check") ?? element);
  return sized.map((element) => [element, element.getBoundingClientRect()])
    .filter(([, { width, height }]) => width > 0 && (width < 43.9 || height < 43.9))
    .map(([element, { width, height }]) => `${width}x${height} ${element.outerHTML.slice(0, 90)}`);
}"""

ZOOMED: Final = """() => [...document.querySelectorAll("input, select, textarea")]
  .filter((element) => !["range", "checkbox", "file"].includes(element.type) && element.checkVisibility())
  .filter((element) => parseFloat(getComputedStyle(element).fontSize) < 16)
  .map((element) => element.outerHTML.slice(0, 90))"""
"""Fields into which iOS zooms when they are touched."""

VIEWS: Final = {
    "#/train": ".report",
    "#/draw?sample=3": '.answer[data-settled="true"]',
    "#/inside?sample=8": ".dozen .digit",
    "#/library?tab=jobs": "tbody tr",
    "#/library?tab=datasets&open=mnist": ".preview-images .digit",
    "#/library?tab=models": "tbody tr",
    "#/operate": ".figures .numeric",
    "learn/backpropagation": "h2",
    "docs#createJob": ".call[open]",
}


@pytest.mark.parametrize("route", VIEWS)
def test_what_is_touched_is_44_px_and_no_field_zooms(
    route: str, model: str, open_page: Callable[..., Page], keep: Callable[..., None]
) -> None:
    page = open_page(route, **PHONE)
    page.locator(VIEWS[route]).first.wait_for()
    for summary in page.locator("main summary:visible").all()[:3]:
        summary.tap()

    assert page.evaluate(SMALL) == []
    assert page.evaluate(ZOOMED) == []


def test_a_table_is_chosen_and_changed_by_touch(
    client: Client, tmp_path: Path, open_page: Callable[..., Page], keep: Callable[..., None]
) -> None:
    table = tmp_path / "pairs.csv"
    table.write_text("a,b,c\n" + "\n".join(f"{n % 5},{n % 3},{'low' if n % 5 < 2 else 'high'}" for n in range(100)))
    dataset = client.upload(table).wait().id
    page = open_page(f"#/train?dataset={dataset}&runs=", **PHONE)
    page.locator(".learns").wait_for()
    for summary in page.locator("main summary:visible").all()[:2]:
        summary.tap()

    keep(page, "phone-table", full=True)
    assert page.evaluate(SMALL) == []
    assert page.evaluate(ZOOMED) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert found_by_axe(page) == []


def test_start_is_in_reach_of_the_thumb_on_a_phone(
    model: str, open_page: Callable[..., Page], keep: Callable[..., None]
) -> None:
    page = open_page("#/train", **PHONE)
    start = page.get_by_role("button", name="Start training")
    page.get_by_label("Data set").first.wait_for()

    expect(start).to_be_in_viewport()
    page.mouse.wheel(0, 250)
    expect(start).to_be_in_viewport()
    keep(page, "phone-start")
    bar = page.get_by_role("navigation", name="Views").bounding_box()
    box = start.bounding_box()
    assert bar
    assert box
    assert box["y"] + box["height"] <= bar["y"]


def test_a_table_that_is_cut_says_so_until_its_end_is_reached(model: str, open_page: Callable[..., Page]) -> None:
    page = open_page("#/operate", **PHONE)
    table = page.get_by_role("group", name="Answers")
    expect(table.locator("tbody tr").first).to_be_visible()
    left = "(element) => Number(getComputedStyle(element).getPropertyValue('--left'))"
    cut = "(element) => getComputedStyle(element).getPropertyValue('--cut')"

    assert table.evaluate("(element) => element.scrollWidth > element.clientWidth")
    assert table.evaluate(left) == 1
    table.evaluate("(element) => { element.scrollLeft = element.scrollWidth; }")
    page.wait_for_function(f"(element) => ({left})(element) < 0.1", arg=table.element_handle())
    assert table.evaluate(cut) == "1"


def test_a_table_that_fits_says_nothing(model: str, open_page: Callable[..., Page]) -> None:
    page = open_page("#/operate")
    table = page.get_by_role("group", name="Answers")
    expect(table.locator("tbody tr").first).to_be_visible()

    assert table.evaluate("(element) => getComputedStyle(element).getPropertyValue('--cut')") == "0"


def test_focus_goes_with_the_view_and_stays_where_one_is(model: str, open_page: Callable[..., Page]) -> None:
    page = open_page("#/operate")
    expect(page.get_by_role("heading", level=1)).to_have_text("Operate")
    assert page.evaluate(FOCUSED) is None

    page.get_by_role("link", name="Library").focus()
    page.keyboard.press("Enter")

    page.wait_for_function(f"() => ({FOCUSED}) === 'Library'")
    page.keyboard.press("Tab")
    expect(page.get_by_role("tab", name="Jobs")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="Data sets")).to_be_focused()


def test_back_returns_to_where_one_was(model: str, open_page: Callable[..., Page]) -> None:
    page = open_page("#/inside?sample=8")
    page.locator(".dozen .digit").first.wait_for()
    link = page.get_by_role("link", name="derived in section 5").last
    page.locator(".growth-tools").wait_for()  # the last of the sections above
    link.scroll_into_view_if_needed()
    page.wait_for_function("() => history.state?.y === Math.round(scrollY) && scrollY > 900")

    link.evaluate("(element) => { window.name = String(scrollY); element.click(); }")
    expect(page.get_by_role("heading", name="5. Outputs and losses")).to_be_in_viewport()
    page.go_back()

    back = "() => Math.abs(scrollY - Number(window.name)) < 3"
    page.wait_for_function(back)
    page.get_by_role("link", name="Operate").click()
    page.wait_for_function("() => scrollY === 0")
    page.go_back()
    page.wait_for_function(back)


@pytest.mark.parametrize("route", ["#/operate", "#/library?tab=jobs"])
def test_nothing_moves_for_who_wants_it_so(route: str, model: str, open_page: Callable[..., Page]) -> None:
    page = open_page(route, reduced_motion="reduce")
    page.locator(".numeric, tbody tr").first.wait_for()

    moving = page.evaluate(
        "document.getAnimations().filter(({ timeline, playState, effect }) => timeline instanceof DocumentTimeline"
        " && playState === 'running' && effect.getComputedTiming().duration > 1).length"
    )

    assert moving == 0


def test_a_run_is_asked_and_looked_into_by_touch_on_a_phone(
    model: str, client: Client, open_page: Callable[..., Page], keep: Callable[..., None]
) -> None:
    page = open_page(f"#/train?runs={client.model(model).job_id}", **PHONE)
    page.get_by_role("link", name="Draw for it").tap()

    page.get_by_label("Drawing pad").tap()
    expect(page.locator(".answer-unlike")).to_contain_text("Not like anything")
    page.get_by_role("button", name="A test image").tap()
    expect(page.locator(".answer-unlike")).to_have_count(0)
    page.get_by_role("link", name="Look inside").tap()
    page.locator(".picture .cells rect").nth(7).tap()
    expect(page.get_by_role("heading", name="Unit 7 of layer 1", exact=True)).to_be_visible()
    page.locator(".backprop").get_by_role("button", name="0.1", exact=True).tap()
    expect(page.locator(".dozen .digit")).to_have_count(12)

    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    keep(page, "touch-inside", full=True)


def test_trained_asked_and_looked_into_by_keyboard_alone(
    model: str, open_page: Callable[..., Page], keep: Callable[..., None]
) -> None:
    """From the start of a run to a unit of the network, without a mouse."""
    page = open_page("#/train?runs=")
    epochs = page.get_by_label("Epochs")
    epochs.focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("1")
    page.keyboard.press("Enter")
    draws = page.get_by_role("link", name="Draw for it")
    draws.wait_for(timeout=120_000)

    draws.focus()
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.activeElement.matches('h1')")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Drawing pad")).to_be_focused()
    for key in ["Space", *["ArrowDown"] * 16, "Space"]:
        page.keyboard.press(key)
    expect(page.locator(".answer-digit")).to_have_text("1")
    page.get_by_role("link", name="Look inside").focus()
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.activeElement.matches('h1')")

    cells = page.get_by_role("application", name="Picture of the network")
    cells.focus()
    page.keyboard.press("ArrowRight")
    chosen = page.locator(".picture rect.chosen")
    expect(chosen).to_have_count(1)
    # From the top of the layer: which unit was nearest to the right is the model's, and below the lowest stands none.
    for _ in range(20):
        page.keyboard.press("ArrowUp")
    before = chosen.get_attribute("data-unit")
    page.keyboard.press("ArrowDown")
    expect(chosen).not_to_have_attribute("data-unit", before or "")
    keep(page, "keyboard-inside")

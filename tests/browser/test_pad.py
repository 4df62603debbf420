"""What is on the pad: strokes or a test image, as the address has it, whatever comes late or not at all."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import pytest

from tests.support import needs
from tests.support.browser.pen import SEVEN, draw

if TYPE_CHECKING:
    from playwright.sync_api import Page

expect = needs.module("playwright.sync_api", group="browser").expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

HELD: Final = """() => {
  const { fetch } = window;
  window.held = [];
  window.fetch = (path, options) => !String(path).includes("/samples?") ? fetch(path, options)
    : new Promise((resolve, reject) => window.held.push(() => fetch(path).then(resolve, reject)));
}"""
"""Test images are held back until `held[i]()`, and come even if nobody wants them any more."""

LATE: Final = "() => Promise.all(held.map((answer) => answer())).then(() => new Promise((go) => setTimeout(go, 200)))"

AWAY: Final = """() => {
  const { fetch } = window;
  window.fetch = (path, options) =>
    String(path).includes("/samples?") ? Promise.reject(new TypeError()) : fetch(path, options);
  window.back = () => { window.fetch = fetch; };
}"""


@pytest.mark.parametrize("view", ["draw", "inside"])
def test_a_test_image_that_comes_late_wipes_no_drawing(view: str, model: str, open_page: Callable[..., Page]) -> None:
    page = open_page(f"#/{view}?model={model}&strokes=VVFFkkFF")
    expect(page.get_by_label("Drawing pad")).to_be_visible()
    page.evaluate(HELD)
    page.get_by_role("button", name="A test image").click()
    draw(page, page.get_by_label("Drawing pad"), SEVEN)
    drawn = page.evaluate("location.hash")

    page.evaluate(LATE)

    assert "strokes=" in drawn
    assert page.evaluate("location.hash") == drawn
    expect(page.get_by_label("Drawing pad")).to_be_visible()


def test_a_test_image_that_comes_late_leaves_the_address_of_another_view_alone(
    model: str, open_page: Callable[..., Page]
) -> None:
    page = open_page(f"#/draw?model={model}")
    expect(page.get_by_label("Drawing pad")).to_be_visible()
    page.evaluate(HELD)
    page.get_by_role("button", name="A test image").click()
    page.get_by_role("link", name="Library").click()
    expect(page.locator("tbody tr").first).to_be_visible()

    page.evaluate(LATE)

    assert page.evaluate("location.hash") == "#/library"


def test_an_address_is_followed_while_its_view_stands(model: str, open_page: Callable[..., Page]) -> None:
    go = "(hash) => { location.hash = hash; }"
    page = open_page(f"#/draw?model={model}&sample=3")
    image = page.locator(".pad [role=img]")
    expect(image).to_have_attribute("aria-label", "Test image 3, a 0")
    page.evaluate(go, f"#/draw?model={model}&sample=4")
    expect(image).to_have_attribute("aria-label", "Test image 4, a 4")
    page.evaluate(go, f"#/draw?model={model}")
    expect(page.get_by_text("waiting for ink")).to_be_visible()
    draw(page, page.get_by_label("Drawing pad"), SEVEN)
    expect(page.locator(".answer-digit")).to_have_text("7")
    page.evaluate(go, f"#/draw?model={model}")
    expect(page.get_by_text("waiting for ink")).to_be_visible()
    page.go_back()
    expect(page.locator(".answer-digit")).to_have_text("7")

    page = open_page(f"#/inside?model={model}&sample=4&as=9")
    expect(page.locator("#whole-title")).to_contain_text("“4”")
    expect(page.locator('[aria-labelledby="as-label"] [aria-pressed="true"]')).to_have_text("9")
    page.evaluate(go, f"#/inside?model={model}&sample=3")
    expect(page.locator("#whole-title")).to_contain_text("“0”")
    page.evaluate(go, f"#/inside?model={model}")
    expect(page.get_by_text("One of its mistakes")).to_be_visible()


def test_a_stroke_whose_pen_is_still_down_is_kept_when_the_pad_is_left(
    model: str, open_page: Callable[..., Page]
) -> None:
    page = open_page(f"#/draw?model={model}")
    page.get_by_label("Drawing pad").focus()
    for key in ["Space", *["ArrowDown"] * 16]:
        page.keyboard.press(key)
    expect(page.locator(".answer-digit")).to_have_text("1")

    page.get_by_role("link", name="Look inside").focus()
    page.keyboard.press("Enter")

    expect(page.locator("#whole-title")).to_contain_text("“1”")


def test_the_pen_draws_on_after_its_stroke_was_taken_back(model: str, open_page: Callable[..., Page]) -> None:
    page = open_page(f"#/draw?model={model}")
    page.get_by_label("Drawing pad").focus()

    for key in ["Space", "ArrowDown", "Backspace", *["ArrowUp"] * 3, "Space", *["ArrowDown"] * 16, "Space"]:
        page.keyboard.press(key)

    expect(page.locator(".answer-digit")).to_have_text("1")


@pytest.mark.parametrize("view", ["draw", "inside"])
def test_a_test_image_that_does_not_come_is_said_not_to(view: str, model: str, open_page: Callable[..., Page]) -> None:
    page = open_page(f"#/{view}?model={model}&sample=1")
    image = page.get_by_label(re.compile("^Test image")).first
    expect(image).to_be_visible()
    page.evaluate(AWAY)

    page.get_by_role("button", name="A test image").click()
    expect(page.get_by_role("alert")).to_contain_text("does not answer")

    page.evaluate("back()")
    page.get_by_role("button", name="A test image").click()
    expect(page.get_by_role("alert")).to_have_count(0)

"""Draw: what is drawn on the page is read by the model, at once."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

import nn
from api.local.stack import Stack
from neurond import Client
from nn.preprocessing import Deslanting
from nn.preprocessing.scaling import none
from tests.support import needs
from tests.support.browser.page import trained
from tests.support.browser.pen import SEVEN, draw, strokes

if TYPE_CHECKING:
    from playwright.sync_api import Page

expect = needs.module("playwright.sync_api", group="browser").expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

SLOWEST_MS = 100
CLICKS = 4

TIMED = """() => {
  window.answered = [];
  let lifted = 0;
  document.querySelector(".pad canvas").addEventListener("pointerup", () => { lifted = performance.now(); }, true);
  const note = () => {
    if (lifted && document.querySelector('.answer[data-settled="true"]')) {
      window.answered.push(performance.now() - lifted);
      lifted = 0;
    }
    requestAnimationFrame(note);
  };
  requestAnimationFrame(note);
}"""
"""Notes for each stroke how long after its end a frame shows the answer to just these pixels."""

LABELS = """(texts) => texts.map((text) => [text.firstChild.textContent, text.querySelector(".share").textContent])"""
"""Of each answer in the picture of the network its digit and, where there is one, its share."""

DESLANTED = """async (images) => {
  const { deslant } = await import(new URL("lib/deslant.js", document.querySelector("script[type=module]").src));
  return images.map((image) => Array.from(deslant(Float32Array.from(image), [28, 28])));
}"""


def test_a_drawn_seven_is_read_as_seven(model: str, open_page: Callable[..., Page], keep: Callable[..., None]) -> None:
    page = open_page(f"#/draw?model={model}")

    draw(page, page.get_by_label("Drawing pad"), SEVEN)

    expect(page.locator(".answer-digit")).to_have_text("7")
    expect(page.locator(".bars .best")).to_contain_text("7")
    keep(page, "draw-seven")


def test_ten_images_drawn_by_pen_are_read_and_the_answer_is_there_when_the_stroke_ends(
    model: str, client: Client, open_page: Callable[..., Page], keep: Callable[..., None]
) -> None:
    images = client.samples("mnist", split="test", offset=0, limit=10)
    page = open_page(f"#/draw?model={model}")
    pad, answer = page.get_by_label("Drawing pad"), page.locator('.answer[data-settled="true"]')
    page.evaluate(TIMED)

    read = []
    for image in images:
        page.get_by_role("button", name="Clear").click() if read else None
        draw(page, pad, strokes(np.array(image["x"], np.uint8).reshape(28, 28)))
        expect(answer).to_be_visible()
        read.append(int(page.locator(".answer-digit").inner_text()))
        keep(page, f"draw-test-image-{image['index']}")
    waited = page.evaluate("window.answered")

    print(f"read {read}, drawn {[image['y'] for image in images]}; answers after {sorted(waited)} ms")
    assert sum(digit == image["y"] for digit, image in zip(read, images, strict=True)) >= 9
    assert len(waited) >= 10
    assert statistics.median(waited) < SLOWEST_MS


def test_from_nothing_to_a_digit_read_in_four_clicks(
    empty_stack: Stack, open_page: Callable[..., Page], keep: Callable[..., None]
) -> None:
    page = open_page(url=empty_stack.url)
    page.evaluate("() => { window.clicks = 0; addEventListener('pointerdown', () => { window.clicks += 1; }, true); }")

    page.get_by_role("button", name="Start training").click()
    page.get_by_role("link", name="Draw for it").click(timeout=90_000)
    draw(page, page.get_by_label("Drawing pad"), SEVEN)

    expect(page.locator(".answer-digit")).to_have_text("7")
    assert page.evaluate("window.clicks") <= CLICKS
    keep(page, "four-clicks")


def test_a_view_with_its_drawing_can_be_shared(model: str, open_page: Callable[..., Page]) -> None:
    first = open_page(f"#/draw?model={model}")
    draw(first, first.get_by_label("Drawing pad"), SEVEN)
    expect(first.locator(".answer-digit")).to_have_text("7")

    second = open_page(first.url.partition("/#")[2].join(["#", ""]))

    expect(second.locator(".answer-digit")).to_have_text("7")


def test_a_digit_can_be_drawn_with_the_keyboard_alone(model: str, open_page: Callable[..., Page]) -> None:
    page = open_page(f"#/draw?model={model}")
    page.get_by_label("Drawing pad").focus()

    for key in ["Space", *["ArrowDown"] * 16, "Space"]:
        page.keyboard.press(key)

    expect(page.locator(".answer-digit")).to_have_text("1")


def test_inside_shows_the_same_answer_as_the_service(
    model: str, open_page: Callable[..., Page], keep: Callable[..., None]
) -> None:
    """The page computes the network by itself; here its numbers meet those of the worker."""
    drawn = open_page(f"#/draw?model={model}&sample=8")
    expect(drawn.locator('.answer[data-settled="true"]')).to_be_visible()
    said = drawn.locator(".bars-value").all_inner_texts()

    inside = open_page(f"#/inside?model={model}&sample=8")
    expect(inside.locator(".answer-cells text.best")).to_be_visible()
    labels = inside.locator(".answer-cells text").evaluate_all(LABELS)

    computed = {int(digit): share for digit, share in labels if share}
    assert computed
    assert {digit: said[digit] for digit in computed} == computed
    keep(inside, "inside", full=True)


def test_inside_deslants_images_as_the_worker_does(open_page: Callable[..., Page]) -> None:
    images = nn.datasets.load("mnist").x_test[:20] / np.float32(255)
    expected = Deslanting((28, 28), none(np.zeros(0)))(images, np.empty(images.shape, np.float32))

    page = open_page("#/draw")
    shown = page.evaluate(DESLANTED, images.tolist())

    np.testing.assert_allclose(shown, expected, atol=1e-5)


def test_the_first_layer_is_seen_to_grow_from_random_numbers(model: str, open_page: Callable[..., Page]) -> None:
    page = open_page(f"#/inside?model={model}")
    epoch = page.get_by_label("Epoch", exact=True)
    expect(page.locator(".growth-tools output")).to_have_text("after epoch 10")

    epoch.focus()
    page.keyboard.press("Home")

    expect(page.locator(".growth-tools output")).to_have_text("before training")
    page.get_by_role("button", name="Play").click()
    expect(page.locator(".growth-tools output")).to_have_text("after epoch 10")


def test_each_step_of_learning_leads_to_where_it_is_derived(model: str, open_page: Callable[..., Page]) -> None:
    page = open_page(f"#/inside?model={model}&as=3")

    page.get_by_role("link", name="derived in section 5").first.click()

    expect(page.get_by_role("heading", name="5. Outputs and losses")).to_be_in_viewport()


def test_a_model_is_not_compared_with_itself(model: str, client: Client, open_page: Callable[..., Page]) -> None:
    spec = {"dataset": "mnist", "name": "another", "model": {"hidden_layers": [8]}, "training": {"epochs": 1}}
    other = trained(client, spec)["model_id"]
    page = open_page(f"#/draw?model={model}&with={other}&sample=3")
    expect(page.locator(".answer-model")).to_have_text(["demo", "another"])

    page.locator("label", has_text="Model").locator("select").select_option(other)

    expect(page.locator(".answer")).to_have_count(1)
    expect(page.locator("label", has_text="Compare with").locator("select")).to_have_value("")
    expect(open_page(f"#/draw?model={model}&with={model}&sample=3").locator(".answer")).to_have_count(1)


def test_what_is_no_digit_is_said_to_be_like_none(
    model: str, open_page: Callable[..., Page], keep: Callable[..., None]
) -> None:
    page = open_page(f"#/draw?model={model}")
    pad, unlike = page.get_by_label("Drawing pad"), page.locator(".answer-unlike")
    letter = [[(0.2, 0.9), (0.5, 0.1), (0.8, 0.9)], [(0.32, 0.6), (0.68, 0.6)]]

    for lines in ([[(0.5, 0.5), (0.505, 0.5)]], letter):
        draw(page, pad, lines)
        expect(unlike).to_contain_text("Not like anything that it learned from")
        keep(page, "draw-unlike")
        page.get_by_role("button", name="Clear").click()
        expect(unlike).to_have_count(0)
    draw(page, pad, SEVEN)

    expect(page.locator('.answer[data-settled="true"] .answer-digit')).to_have_text("7")
    expect(unlike).to_have_count(0)


def test_a_service_that_is_away_is_not_waited_for_with_ink(
    model: str, open_page: Callable[..., Page], watch: list
) -> None:
    page = open_page(f"#/draw?model={model}")
    watch[0].expected = ("ERR_FAILED",)
    expect(page.locator(".answer")).to_contain_text("waiting for ink")
    page.route("**/predictions", lambda route: route.abort())

    draw(page, page.get_by_label("Drawing pad"), SEVEN)

    expect(page.get_by_role("alert")).to_contain_text("does not answer")
    expect(page.locator(".answer-sure")).to_have_text("no answer")


@pytest.mark.parametrize("view", ["draw", "inside"])
def test_a_model_that_cannot_be_shown_is_not_said_to_be_gone(
    view: str, model: str, client: Client, tmp_path: Path, open_page: Callable[..., Page]
) -> None:
    table = tmp_path / "pairs.csv"
    table.write_text("a,b\n" + "\n".join(f"{n % 5},{'low' if n % 5 < 2 else 'high'}" for n in range(100)))
    spec = {"dataset": client.upload(table).wait().id, "name": "pairs", "training": {"epochs": 1}}
    other = trained(client, spec)["model_id"]

    page = open_page(f"#/{view}?model={other}")

    expect(page.get_by_role("alert")).to_contain_text("pairs cannot be shown here: this view is for")
    expect(page.get_by_role("alert")).not_to_contain_text("gone")
    expect(open_page(f"#/{view}?model=model_none").get_by_role("alert")).to_contain_text("This model is gone.")


def test_after_a_first_run_that_was_cancelled_another_can_be_started(
    empty_stack: Stack, open_page: Callable[..., Page], keep: Callable[..., None]
) -> None:
    with Client(empty_stack.url) as client:
        before = client.submit({"dataset": "mnist", "training": {"epochs": 2000}})
        page = open_page("#/draw", url=empty_stack.url)
        page.get_by_role("button", name="Train one now").click()
        expect(page.locator(".first-run")).to_contain_text("waiting for a worker")
        next(client.jobs(limit=1)).cancel()
        before.cancel()
    expect(page.get_by_role("alert")).to_contain_text("cancelled")
    keep(page, "first-cancelled")

    page.get_by_role("button", name="Train another").click()

    draw(page, page.get_by_label("Drawing pad"), SEVEN)
    expect(page.locator(".answer-digit")).to_have_text("7")

"""Inside's step of backpropagation: it begins where there is an error, and says no number that is not so."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import pytest

from neurond import Client
from tests.support import needs

if TYPE_CHECKING:
    from playwright.sync_api import Page

expect = needs.module("playwright.sync_api", group="browser").expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

STEPS: Final = ".backprop .step"

MOVES: Final = """(all) => all.map((one) => {
  const [before, after] = one.textContent.replaceAll("−", "-").replace("w", "").split("→").map(parseFloat);
  return [after - before, one.querySelector("b").className];
})"""
"""By how much each weight of the table moves, and in which colour."""


def test_it_opens_on_one_of_the_models_own_mistakes(
    model: str, client: Client, open_page: Callable[..., Page], keep: Callable[..., None]
) -> None:
    mistakes = {one.index: one for one in client.model(model).evaluation.mistakes}
    page = open_page(f"#/inside?model={model}")
    note = page.locator(".inside-pad .note")
    expect(note).to_contain_text("One of its mistakes")
    expect(page.locator(".dozen .digit")).to_have_count(12)

    index, truth, said = map(int, re.findall(r"\d+", note.inner_text()))
    errors = page.locator(".errors-table td:last-child").all_inner_texts()

    assert (mistakes[index].label, mistakes[index].predicted) == (truth, said)
    expect(page.get_by_role("button", name="0.01", exact=True)).to_have_attribute("aria-pressed", "true")
    assert len(errors) == 10
    assert errors[truth].startswith("−0.") or errors[truth].startswith("−1")
    assert errors[truth].endswith("↑")
    assert errors[said].endswith("↓")
    keep(page, "backprop-mistake", full=True)


@pytest.mark.parametrize("address", ["sample=0", "sample=0&rate=1", "sample=0&as=3&rate=1"])
def test_no_two_numbers_are_written_alike_that_differ(address: str, model: str, open_page: Callable[..., Page]) -> None:
    """The first test image is a seven, of which the model is sure to many nines."""
    page = open_page(f"#/inside?model={model}&{address}")
    page.locator(".dozen .digit").first.wait_for()

    asked = page.locator(STEPS).first.locator(".numbers").inner_text()
    before, after = page.locator(".before-after .numeric").all_inner_texts()
    losses = re.findall(r"loss (\S+) → (\S+)", page.locator(STEPS).last.inner_text())

    assert "log (1)" not in asked
    assert before != after
    assert len(losses) == 2
    assert all(one != other and "0" not in (one, other) for one, other in losses)
    said = page.locator(".errors-table td:nth-child(2)").all_inner_texts()
    assert not {"0.000", "0", "1", "0.00 %", "100.00 %"} & {before, after, *said}


def test_orange_raises_and_blue_lowers(model: str, open_page: Callable[..., Page]) -> None:
    page = open_page(f"#/inside?model={model}")
    page.locator(".dozen .digit").first.wait_for()

    moves = page.locator(".moves dd:last-child").evaluate_all(MOVES)

    assert len(moves) == 3
    for moved, colour in moves:
        assert colour == ("more" if moved > 0 else "less" if moved < 0 else "")


def test_what_a_step_breaks_among_others_is_counted(model: str, open_page: Callable[..., Page]) -> None:
    page = open_page(f"#/inside?model={model}&rate=1")
    page.locator(".dozen .digit").first.wait_for()

    broken = page.locator(".dozen .broken, .dozen .wrong").count()

    expect(page.locator(".others-after .numbers")).to_contain_text(f"{12 - broken} of 12 after it")
    assert broken > 0
    expect(page.locator(".others-after .numbers")).to_contain_text("What helps one digit costs others")


def test_page_and_derivation_have_the_same_symbols(model: str, open_page: Callable[..., Page]) -> None:
    page = open_page(f"#/inside?model={model}")
    page.locator(".dozen .digit").first.wait_for()
    used = set(page.locator(".backprop .formula .var, .errors-table .var, .moves .var").all_inner_texts())
    linked = page.locator(f"{STEPS} a.note").evaluate_all("(all) => all.map((a) => new URL(a.href).hash)")

    page.goto(f"{page.url.partition('/#')[0]}/learn/backpropagation")
    explained = page.locator("#section-0 ~ table").first.locator("td:first-child").all_inner_texts()

    assert {"δ", "σ′", "w", "η"} <= used
    assert used <= {symbol for cell in explained for symbol in re.split(r", ", cell)}
    for anchor in set(linked):
        text = page.evaluate(
            """(anchor) => {
          let [text, part] = ["", document.querySelector(anchor)];
          while ((part = part.nextElementSibling) && part.tagName !== "H2") text += part.textContent;
          return text;
        }""",
            anchor,
        )
        assert "δ" in text, anchor

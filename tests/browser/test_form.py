"""The form of a new run: it asks for what it shows."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from neurond import Client
from tests.support import needs
from tests.support.browser.page import loaded
from worker.jobspec import JobSpec

if TYPE_CHECKING:
    from playwright.sync_api import Page

expect = needs.module("playwright.sync_api", group="browser").expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

SPEC_OF: Final = (
    f"([name, patch]) => {loaded('spec')}"
    """.then(({ PRESETS, specOf }) =>
  JSON.stringify(specOf("mnist", { ...PRESETS[name].form, ...patch })))
"""
)
"""The request of a preset of which some fields were changed."""


def asked_by(page: Page) -> dict[str, Any]:
    """What the form would send, as it shows it for curl."""
    text = page.locator(".run-form pre").text_content() or ""
    body: dict[str, Any] = json.loads(text.partition("-d '")[2].rstrip("'"))
    return body


def made_of(spec: dict[str, Any]) -> dict[str, Any]:
    """What the service makes of a request."""
    return JobSpec.model_validate(spec).model_dump()


def test_a_preset_of_which_one_field_is_changed_keeps_the_others(
    open_page: Callable[..., Page], keep: Callable[..., None]
) -> None:
    page = open_page("#/train?runs=")
    page.get_by_role("button", name="Article").click()

    page.get_by_label("Epochs").fill("3")

    expect(page.locator(".run-form .about")).to_have_text("Article in all that you did not change")
    assert asked_by(page) == {"dataset": "mnist", "preset": "article", "training": {"epochs": 3}}
    keep(page, "train-article-changed", full=True)
    page.get_by_role("button", name="Wide").click()
    assert asked_by(page) == {"dataset": "mnist", "preset": "wide"}


@pytest.mark.parametrize("name", ["article", "table"])
def test_the_form_of_a_preset_shows_what_the_service_makes_of_its_name(
    name: str, open_page: Callable[..., Page]
) -> None:
    page = open_page("#/train?runs=")

    named, shown = (json.loads(page.evaluate(SPEC_OF, [name, patch])) for patch in ({}, {"preset": ""}))

    assert named == {"dataset": "mnist", "preset": name}
    by_name, spelled_out = made_of(named), made_of(shown)
    for part in ("model", "training"):
        fields = shown[part].keys()
        assert {f: by_name[part][f] for f in fields} == {f: spelled_out[part][f] for f in fields}


@pytest.mark.parametrize(
    ("name", "patch", "changed"),
    [
        ("article", {"layers": ["32"]}, {"model": {"hidden_layers": [32]}}),
        ("article", {"loss": ""}, {"training": {"loss": None}}),
        ("article", {"teacher": "digits"}, {"training": {"loss": None, "teacher": {"models": ["digits"]}}}),
        ("article", {"learningRate": ""}, {"training": {"optimizer": {"name": "sgd", "momentum": 0}}}),
        ("article", {"optimizer": "adam"}, {"training": {"optimizer": {"name": "adam", "learning_rate": 0.001}}}),
        ("table", {"patience": ""}, {"training": {"early_stopping": None}}),
        ("table", {"validation": "0"}, {"training": {"validation_split": 0}}),
        ("table", {"epochs": "40", "batch": ""}, {}),
    ],
)
def test_what_was_changed_goes_before_the_preset(
    name: str, patch: dict[str, Any], changed: dict[str, Any], open_page: Callable[..., Page]
) -> None:
    page = open_page("#/train?runs=")

    spec = json.loads(page.evaluate(SPEC_OF, [name, patch]))

    assert spec == {"dataset": "mnist", "preset": name, **changed}
    usual, made = (made_of({"dataset": "mnist", "preset": name, "seed": 0, **part}) for part in ({}, changed))
    for part in ("model", "training"):
        differing = {field for field in made[part] if made[part][field] != usual[part][field]}
        assert differing <= {*changed.get(part, {}), "early_stopping"}


@pytest.mark.parametrize(
    "label", ["Epochs", "Learning rate", "Batch size", "Dropout", "Momentum", "Validation share", "Stop early after"]
)
def test_an_emptied_field_says_nothing_and_shows_what_holds_then(label: str, open_page: Callable[..., Page]) -> None:
    page = open_page("#/train?runs=")
    page.get_by_text("More", exact=True).click()
    field = page.get_by_role("spinbutton", name=label, exact=True)
    before = made_of(asked_by(page) | {"seed": 0})
    value = field.input_value()

    field.fill("")

    expect(field).to_have_attribute("placeholder", value or "never")
    assert made_of(asked_by(page) | {"seed": 0}) == before


def test_a_layer_without_a_width_is_asked_for_before_anything_is_sent(open_page: Callable[..., Page]) -> None:
    page = open_page("#/train?runs=")
    width = page.get_by_label("Units of hidden layer 1")
    width.fill("")

    page.get_by_role("button", name="Start training").click()

    expect(width).to_be_focused()
    expect(page.locator(".run")).to_have_count(0)


def test_another_data_set_after_a_teacher_was_chosen_brings_its_own_preset(
    model: str, client: Client, tmp_path: Path, open_page: Callable[..., Page]
) -> None:
    table = tmp_path / "pairs.csv"
    table.write_text("a,b\n" + "\n".join(f"{n % 5},{'low' if n % 5 < 2 else 'high'}" for n in range(100)))
    dataset = client.upload(table).wait().id
    page = open_page("#/train?runs=")
    page.get_by_text("More", exact=True).click()
    page.get_by_label("Learns from").select_option(model)

    page.get_by_label("Data set").select_option(dataset)

    expect(page.get_by_role("button", name="Table", exact=True)).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("spinbutton", name="Epochs", exact=True)).to_have_value("100")  # as 80 rows are learned
    assert asked_by(page) == {"dataset": dataset, "preset": "table"}
    page.get_by_label("Data set").select_option("mnist")
    expect(page.get_by_role("button", name="Standard")).to_have_attribute("aria-pressed", "true")

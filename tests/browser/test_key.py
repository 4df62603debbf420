"""A service that wants a key gets it from the page, which keeps it for this tab alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from api.local.stack import Stack
from neurond import Client
from tests.support import needs

if TYPE_CHECKING:
    from playwright.sync_api import Page

expect = needs.module("playwright.sync_api", group="browser").expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

KEY = "open-sesame"
READ_KEY = "look-only"


@pytest.fixture
def guarded(open_stack: Callable[[], Stack], monkeypatch: pytest.MonkeyPatch) -> Iterator[Stack]:
    monkeypatch.setenv("NEUROND_API_KEYS", KEY)
    monkeypatch.setenv("NEUROND_READ_KEYS", READ_KEY)
    with open_stack() as stack:
        yield stack


def test_the_page_asks_for_the_key_and_works_with_it(
    guarded: Stack, open_page: Callable[..., Page], keep: Callable[..., None], watch: list
) -> None:
    page = open_page("#/train", url=guarded.url)
    watch[0].expected = ("status of 401",)
    dialog = page.get_by_role("dialog", name="This service wants a key")
    expect(dialog).to_be_visible()
    keep(page, "key")

    dialog.get_by_label("API key").fill("wrong")
    dialog.get_by_role("button", name="Enter").click()
    expect(dialog).to_contain_text("does not know the key")
    dialog.get_by_label("API key").fill(KEY)
    dialog.get_by_role("button", name="Enter").click()
    expect(dialog).not_to_be_visible()
    page.get_by_label("Epochs").fill("2")
    page.get_by_role("button", name="Start training").click()

    expect(page.locator(".run")).to_contain_text("succeeded", timeout=90_000)
    assert page.evaluate("Object.values(localStorage)") == []
    assert page.evaluate("sessionStorage.getItem('neurond.key')") == KEY
    assert not [address for address in watch[0].asked if KEY in address]


def test_the_dialog_stays_while_a_key_is_wanted_and_the_first_view_is_chosen_with_it(
    guarded: Stack, model: str, client: Client, tmp_path: Path, open_page: Callable[..., Page], watch: list
) -> None:
    client.export(model, file := tmp_path / "model.safetensors")
    with Client(guarded.url, api_key=KEY) as known:
        known.import_model(file)
    page = open_page("", url=guarded.url)
    watch[0].expected = ("status of 401",)
    dialog = page.get_by_role("dialog", name="This service wants a key")
    expect(dialog).to_be_visible()

    for _ in range(4):
        page.keyboard.press("Escape")
        page.wait_for_timeout(100)

    expect(dialog).to_be_visible()
    assert "#" not in page.url
    dialog.get_by_label("API key").fill(KEY)
    dialog.get_by_role("button", name="Enter").click()
    expect(dialog).not_to_be_visible()
    expect(page.get_by_role("link", name="Draw", exact=True)).to_have_attribute("aria-current", "page")


def test_the_address_that_up_prints_brings_the_key_and_loses_it(
    guarded: Stack, open_page: Callable[..., Page], watch: list
) -> None:
    page = open_page(f"#key={KEY}", url=guarded.url)

    expect(page.get_by_role("button", name="Use another key")).to_be_visible()
    expect(page.get_by_role("dialog", name="This service wants a key")).not_to_be_visible()
    assert KEY not in page.url
    assert page.evaluate("sessionStorage.getItem('neurond.key')") == KEY
    page.reload()
    expect(page.get_by_role("button", name="Use another key")).to_be_visible()
    assert not [address for address in watch[0].asked if KEY in address]


def test_a_key_is_remembered_for_all_tabs_where_one_says_so(
    guarded: Stack, open_page: Callable[..., Page], watch: list
) -> None:
    page = open_page("#/operate", url=guarded.url)
    watch[0].expected = ("status of 401",)
    dialog = page.get_by_role("dialog", name="This service wants a key")

    dialog.get_by_label("API key").fill(KEY)
    dialog.get_by_label("Remember it in this browser").check()
    dialog.get_by_role("button", name="Enter").click()

    expect(dialog).not_to_be_visible()
    other = page.context.new_page()
    other.goto(f"{guarded.url}/#/library")
    expect(other.locator("tbody, .empty").first).to_be_visible()
    expect(other.get_by_role("dialog", name="This service wants a key")).not_to_be_visible()
    other.get_by_role("button", name="Use another key").click()
    assert other.evaluate("Object.values(localStorage)") == []


def test_a_key_that_may_only_read_is_offered_what_it_may_do(guarded: Stack, open_page: Callable[..., Page]) -> None:
    page = open_page(f"#key={READ_KEY}", url=guarded.url)
    expect(page.locator(".reads-only")).to_contain_text("may read and predict")

    for route in ("train", "library?tab=datasets&open=mnist", "library?tab=models"):
        page.goto(f"{guarded.url}/#/{route}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        offered = page.get_by_role("button").all_inner_texts()
        assert not {"Start training", "Delete", "Bring a file", "Bring a model"} & set(offered), route
        expect(page.locator(".drop:visible")).to_have_count(0)
    full = open_page(f"#key={KEY}", url=guarded.url)
    expect(full.get_by_role("button", name="Start training")).to_be_visible()
    expect(full.locator(".reads-only")).to_have_count(0)


def test_a_key_that_may_only_read_sees_what_is_learned_and_changes_nothing(
    guarded: Stack, tmp_path: Path, open_page: Callable[..., Page]
) -> None:
    rooms = tmp_path / "rooms.csv"
    rooms.write_text("size,door,price\n" + "".join(f"{n},{'ab'[n % 2]},{n / 7}\n" for n in range(60)))
    with Client(guarded.url, api_key=KEY) as known:
        dataset = known.upload(rooms).wait().id
    page = open_page(f"#key={READ_KEY}", url=guarded.url)
    page.goto(f"{guarded.url}/#/train?dataset={dataset}")

    expect(page.get_by_label("Learns this column")).to_have_value("price")
    expect(page.get_by_label("Learns this column")).to_be_disabled()
    page.locator(".columns summary").click()
    expect(page.get_by_label("How size is read")).to_be_disabled()
    expect(page.get_by_role("button", name="Read the file again like this")).to_have_count(0)

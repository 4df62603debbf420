"""Library: files are brought, looked at and learned from; models get names and are taken away."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from neurond import Client
from tests.support import needs

if TYPE_CHECKING:
    from playwright.sync_api import Page

expect = needs.module("playwright.sync_api", group="browser").expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture
def flowers(tmp_path: Path) -> Path:
    """A table of three kinds that can be told apart."""
    draw = random.Random(7)
    middles = {"setosa": (5.0, 1.4), "versicolor": (5.9, 4.3), "virginica": (6.6, 5.6)}
    lines = ["sepal,petal,soil,kind"]
    for _ in range(180):
        kind, (sepal, petal) = draw.choice(sorted(middles.items()))
        lines.append(
            f"{draw.gauss(sepal, 0.3):.2f},{draw.gauss(petal, 0.3):.2f},{draw.choice(['clay', 'sand'])},{kind}"
        )
    path = tmp_path / "flowers.csv"
    path.write_text("\n".join(lines))
    return path


def test_a_table_is_brought_looked_at_and_learned(
    flowers: Path, open_page: Callable[..., Page], keep: Callable[..., None]
) -> None:
    page = open_page("#/library?tab=datasets")
    page.locator("input[type=file]").set_input_files(flowers)
    row = page.locator("tbody tr.chosen")
    expect(row).to_contain_text("ready", timeout=60_000)
    expect(page.get_by_role("cell", name="versicolor").first).to_be_visible()
    keep(page, "library-table", full=True)

    page.get_by_role("link", name="Train on it").click()
    page.get_by_role("button", name="Start training").click()

    expect(page.locator(".run").first).to_contain_text("succeeded", timeout=60_000)
    expect(page.locator(".confusion")).to_contain_text("setosa")
    keep(page, "train-own-table", full=True)


def test_what_a_list_leaves_out_is_shown_all_the_same(tmp_path: Path, open_page: Callable[..., Page]) -> None:
    many = tmp_path / "many.csv"
    names = [f"a class with a long name, {number:03}" for number in range(500)]
    many.write_text("n,kind\n" + "".join(f'{row},"{names[row % 500]}"\n' for row in range(2000)))
    page = open_page("#/library?tab=datasets")

    page.locator("input[type=file]").set_input_files(many)

    row = page.locator("tbody tr.chosen")
    expect(row).to_contain_text("ready", timeout=60_000)
    expect(row).to_contain_text("500 classes")
    expect(page.get_by_text("the target is 'kind'", exact=False).first).to_be_visible()


def test_a_file_that_cannot_be_read_says_why(tmp_path: Path, open_page: Callable[..., Page]) -> None:
    broken = tmp_path / "broken.csv"
    broken.write_text("a,b\n1,2\n3\n")
    page = open_page("#/library?tab=datasets")

    page.locator("input[type=file]").set_input_files(broken)

    expect(page.locator("tbody tr.chosen")).to_contain_text("failed", timeout=60_000)
    expect(page.locator("tr.details .problem")).to_contain_text("row")


def test_a_model_gets_a_name_and_is_taken_away(model: str, client: Client, open_page: Callable[..., Page]) -> None:
    page = open_page(f"#/library?tab=models&open={model}")
    page.get_by_placeholder("digits").fill("reader")
    page.get_by_role("button", name="Give it this name").click()
    expect(page.locator(".alias").first).to_contain_text("reader")
    assert client.model("reader").id == model

    with page.expect_download() as download:
        page.get_by_role("button", name="safetensors").click()

    assert download.value.suggested_filename == f"{client.model(model).name}.safetensors"
    assert Path(download.value.path()).stat().st_size > 400_000


def test_jobs_are_listed_by_state_with_what_was_asked_for(
    model: str, open_page: Callable[..., Page], keep: Callable[..., None]
) -> None:
    page = open_page("#/library?tab=jobs&status=succeeded")

    page.get_by_role("button", name="demo").click()

    expect(page.locator("tr.details pre")).to_contain_text('"hidden_layers"')
    expect(page.locator("tr.details")).to_contain_text("succeeded")
    keep(page, "library-jobs", full=True)

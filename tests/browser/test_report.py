"""What a run still gets wrong: its own matrix, and its own mistakes."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from neurond import Client
from tests.support import needs
from tests.support.browser.page import trained

if TYPE_CHECKING:
    from playwright.sync_api import Page

expect = needs.module("playwright.sync_api", group="browser").expect

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


@pytest.fixture(scope="session")
def fifty_kinds(client: Client, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A job over fifty classes with long names, most of them mistaken."""
    rng = random.Random(3)
    rows = [f"{rng.random():.3f},{rng.random():.3f},a kind with a rather long name {n % 50}" for n in range(1500)]
    path = tmp_path_factory.mktemp("kinds") / "kinds.csv"
    path.write_text("\n".join(["a,b,kind", *rows]))
    dataset = client.upload(path).wait().id
    return trained(client, {"dataset": dataset, "name": "fifty", "training": {"epochs": 2}})


@pytest.mark.parametrize("width", [360, 1100, 1280, 1600])
def test_the_matrix_of_many_classes_stays_in_the_window(
    width: int, fifty_kinds: dict[str, Any], open_page: Callable[..., Page], keep: Callable[..., None]
) -> None:
    page = open_page(f"#/train?runs={fifty_kinds['id']}", viewport={"width": width, "height": 900})
    expect(page.locator(".mistake").first).to_be_visible()

    keep(page, f"train-fifty-{width}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_mistakes_whose_data_set_is_gone_are_said_to_be(
    client: Client, tmp_path: Path, open_page: Callable[..., Page], keep: Callable[..., None], watch: list
) -> None:
    rng = random.Random(4)
    path = tmp_path / "coins.csv"
    path.write_text("\n".join(["a,side", *(f"{rng.random():.3f},{rng.choice('ht')}" for _ in range(300))]))
    dataset = client.upload(path).wait().id
    job = trained(client, {"dataset": dataset, "training": {"epochs": 1}})
    client.delete_dataset(dataset)

    page = open_page(f"#/train?runs={job['id']}")

    expect(page.locator(".mistakes-side")).to_contain_text("gone with their data set")
    expect(page.locator(".mistake")).to_have_count(0)
    assert [address for address in watch[0].asked if f"{dataset}/samples" in address] == []
    keep(page, "train-data-gone", full=True)

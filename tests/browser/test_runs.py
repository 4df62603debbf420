"""Many runs: the best is found, some are compared, one is run again with a change."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from api.local.stack import Stack
from benchmarks.kept import keep_jobs
from neurond import Client
from tests.support import needs
from tests.support.browser.kept import BEST, kept_runs

if TYPE_CHECKING:
    from playwright.sync_api import Page

expect = needs.module("playwright.sync_api", group="browser").expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def three_hundred(
    open_stack: Callable[..., Stack], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Client, list[str]]]:
    """A service that keeps 300 runs, and their IDs, oldest first."""
    made = keep_jobs(folder := tmp_path_factory.mktemp("kept"), kept_runs())
    with open_stack(folder) as stack, Client(stack.url) as client:
        yield client, made


def test_the_best_of_300_runs_in_two_clicks(
    three_hundred: tuple[Client, list[str]], open_page: Callable[..., Page], keep: Callable[..., None]
) -> None:
    client, made = three_hundred
    page = open_page("#/train", url=client.url)

    page.get_by_role("link", name="Library").click()
    page.get_by_role("button", name="Result").click()

    first = page.locator("tbody tr").first
    expect(first).to_contain_text("98.71")
    expect(first).to_contain_text("best")
    expect(page.get_by_role("columnheader", name="Result")).to_have_attribute("aria-sort", "descending")
    keep(page, "runs-best-of-300")
    first.locator(".row-button").click()
    expect(page.locator("tr.details")).to_contain_text(made[BEST])


def test_runs_are_sought_by_words_and_state_and_the_address_holds_it(
    three_hundred: tuple[Client, list[str]], open_page: Callable[..., Page]
) -> None:
    client, _ = three_hundred
    page = open_page("#/library?tab=jobs", url=client.url)
    page.get_by_label("Find").fill("adamw 256")
    expect(page.locator("tbody .row-button").first).to_contain_text("256 relu · adamw")
    page.get_by_role("button", name="Took").click()
    page.get_by_role("button", name="succeeded").click()

    found = page.locator("tbody .row-button").all_text_contents()
    again = open_page(page.url.partition("/#")[2].join(("#", "")), url=client.url)

    assert found
    assert all("256" in title and "adamw" in title for title in found)
    expect(again.locator("tbody .row-button")).to_have_text(found)
    again.get_by_label("Find").fill("nothing like this")
    expect(again.locator(".empty")).to_have_text("No job is like this.")


def test_columns_show_what_differs_and_chosen_runs_are_compared(
    three_hundred: tuple[Client, list[str]], open_page: Callable[..., Page]
) -> None:
    client, _ = three_hundred
    page = open_page("#/library?tab=jobs&sort=-metrics.test_accuracy", url=client.url)
    rows = page.locator("tbody tr")
    heads = page.locator("th.choice")
    expect(heads).to_have_text(["Layers", "Rate", "Optimizer", "Dropout"])

    for place in range(6):
        rows.nth(place).get_by_role("checkbox").check()
    expect(rows.nth(6).get_by_role("checkbox")).to_be_disabled()
    rows.nth(2).get_by_role("checkbox").uncheck()
    rows.nth(7).get_by_role("checkbox").check()
    page.get_by_role("link", name="Compare 6").click()

    expect(page.locator(".run")).to_have_count(6)
    expect(page.locator(".run").first).to_contain_text("98.71")
    page.locator(".run").first.get_by_role("button", name="Run again…").click()
    expect(page.locator(".again")).to_contain_text("98.71")
    expect(page.locator(".run")).to_have_count(6)


def test_a_run_is_run_again_with_a_change(
    three_hundred: tuple[Client, list[str]], open_page: Callable[..., Page], keep: Callable[..., None]
) -> None:
    client, made = three_hundred
    before = client.job(made[BEST])
    page = open_page(f"#/library?tab=jobs&open={made[BEST]}", url=client.url)

    page.get_by_role("link", name="Run again with a change").click()
    expect(page.locator(".again")).to_contain_text("98.71")
    page.get_by_label("Epochs").fill("1")
    keep(page, "runs-again")
    with page.expect_response(lambda response: response.request.method == "POST") as posted:
        page.get_by_role("button", name="Start training").click()

    made_again = posted.value.json()
    config = made_again["config"]
    assert config["seed"] != before.config["seed"]
    assert config["training"]["epochs"] == 1
    assert config["training"]["clip_norm"] == 5.0  # which the form does not show
    assert config | {"seed": 0, "training": 0} == before.config | {"seed": 0, "training": 0}
    assert config["training"] | {"epochs": 0} == before.config["training"] | {"epochs": 0}
    client.cancel(made_again["id"])


def test_a_network_of_single_layers_is_run_again_as_it_is(
    three_hundred: tuple[Client, list[str]], open_page: Callable[..., Page]
) -> None:
    client, _ = three_hundred
    layers = [{"type": "conv2d", "filters": 2, "kernel": 3}, {"type": "flatten"}]
    job = client.submit(
        {"dataset": "mnist", "name": "seen", "model": {"layers": layers}, "training": {"epochs": 1, "samples": "all"}}
    )
    client.cancel(job.id)
    page = open_page(f"#/train?from={job.id}&dataset=mnist", url=client.url)
    expect(page.locator(".run-form")).to_contain_text("conv2d, flatten")

    page.get_by_label("Learning rate").fill("0.05")
    with page.expect_response(lambda response: response.request.method == "POST") as posted:
        page.get_by_role("button", name="Start training").click()

    config = posted.value.json()["config"]
    client.cancel(posted.value.json()["id"])
    assert config["model"] == job.config["model"]
    assert config["training"]["samples"] == "all"
    assert config["training"]["optimizer"]["learning_rate"] == 0.05
    assert config["name"] == "seen"


def test_a_run_that_has_ended_is_deleted_from_the_list(
    three_hundred: tuple[Client, list[str]], open_page: Callable[..., Page]
) -> None:
    client, made = three_hundred
    page = open_page(f"#/library?tab=jobs&open={made[0]}", url=client.url)
    page.once("dialog", lambda dialog: dialog.accept())

    page.locator("tr.details").get_by_role("button", name="Delete").click()

    expect(page.locator("tr.details")).to_have_count(0)
    assert made[0] not in {job.id for job in client.jobs()}


def test_a_data_set_is_called_by_its_name_wherever_a_run_is_listed(
    tmp_path: Path, three_hundred: tuple[Client, list[str]], open_page: Callable[..., Page]
) -> None:
    client, _ = three_hundred
    table = tmp_path / "leavers.csv"
    table.write_text("a,kind\n" + "".join(f"{row % 7},{'yes' if row % 3 else 'no'}\n" for row in range(60)))
    dataset = client.upload(table).wait()
    job = client.submit({"dataset": dataset.id, "preset": "table"})
    client.cancel(job.id)

    listed = open_page(f"#/library?tab=jobs&dataset={dataset.id}", url=client.url)
    expect(listed.locator("tbody tr")).to_have_count(1)
    expect(listed.locator("tbody tr")).to_contain_text("leavers.csv")
    expect(listed.get_by_role("combobox", name="Data")).to_have_value(dataset.id)
    others = open_page("#/train?runs=", url=client.url).locator(".others")

    expect(others).to_contain_text("leavers.csv")
    assert dataset.id not in others.inner_text()

"""The curves: which epoch was kept, on what scale, what the pointer reads, and which runs may stand on one axis."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import pytest

from neurond import Client
from tests.support import needs
from tests.support.browser.charts import OF_THE_FIRST_CHART, WRITTEN
from tests.support.browser.page import trained

if TYPE_CHECKING:
    from playwright.sync_api import Page

expect = needs.module("playwright.sync_api", group="browser").expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

TINY: Final[dict[str, Any]] = {"model": {"hidden_layers": [4]}, "training": {"epochs": 3, "batch_size": 64}}

RINGS: Final = """
  window.rings = 0;
  const { arc } = CanvasRenderingContext2D.prototype;
  CanvasRenderingContext2D.prototype.arc = function () {
    if (this.canvas.closest(".chart") && arguments[2] === 5 * devicePixelRatio) window.rings += 1;
    return arc.apply(this, arguments);
  };
"""
"""Counts the rings that are drawn on charts."""


@pytest.fixture(scope="session")
def sums(client: Client, tmp_path_factory: pytest.TempPathFactory) -> str:
    """ID of a table from which much can be learned."""
    rng = random.Random(2)
    rows = [[rng.gauss(0, 1) for _ in range(4)] for _ in range(2000)]
    lines = [
        f"{','.join(f'{x:.3f}' for x in row)},{'more' if sum(row) + rng.gauss(0, 0.3) > 0 else 'less'}" for row in rows
    ]
    path = tmp_path_factory.mktemp("sums") / "sums.csv"
    path.write_text("\n".join(["a,b,c,d,sum", *lines]))
    return client.upload(path, name="sums").wait().id


@pytest.fixture(scope="session")
def coins(client: Client, tmp_path_factory: pytest.TempPathFactory) -> str:
    """ID of a table from which nothing can be learned: early stopping soon stops."""
    rng = random.Random(4)
    path = tmp_path_factory.mktemp("coins") / "coins.csv"
    rows = [f"{rng.random():.3f},{rng.random():.3f},{rng.choice('ht')}" for _ in range(600)]
    path.write_text("\n".join(["a,b,side", *rows]))
    return client.upload(path, name="coins").wait().id


@pytest.fixture(scope="session")
def stopped(client: Client, coins: str) -> dict[str, Any]:
    """A job that early stopping ended."""
    training = {"epochs": 200, "batch_size": 8, "early_stopping": {"patience": 4}}
    job = trained(client, {"dataset": coins, "preset": "table", "name": "coins", "seed": 3, "training": training})
    assert job["metrics"]["best_epoch"] < job["progress"]["epoch"] < 200
    return job


@pytest.fixture(scope="session")
def seven(client: Client, sums: str) -> list[str]:
    """IDs of seven runs, oldest first."""
    return [trained(client, TINY | {"dataset": sums, "name": f"run {n}", "seed": n})["id"] for n in range(1, 8)]


def test_the_kept_epoch_has_a_ring_and_its_numbers(
    stopped: dict[str, Any], open_page: Callable[..., Page], keep: Callable[..., None]
) -> None:
    """b6: "epoch 25 of 100" stood beside the validation of epoch 10, and the curve ended at that of 25."""
    done, kept = stopped["progress"]["epoch"], stopped["metrics"]["best_epoch"]
    page = open_page("#/operate")
    page.context.add_init_script(RINGS)
    page.goto(page.url.partition("#")[0] + f"?again#/train?runs={stopped['id']}")

    facts = page.locator(".run-facts")
    expect(facts).to_contain_text(f"stopped after {done}, kept {kept}")
    expect(facts).to_contain_text(f"validation at epoch {kept}")
    expect(facts).to_contain_text(f"{100 * stopped['metrics']['validation_accuracy']:.2f}")
    told = re.compile(rf"after {done} epochs, .* at epoch {kept}, which was kept")
    expect(page.get_by_role("img", name=told)).to_have_count(2)
    page.wait_for_function("() => rings >= 2")
    keep(page, "train-kept-epoch", full=True)


def test_validation_sets_the_scale_and_all_of_training_is_a_click_away(
    client: Client, sums: str, open_page: Callable[..., Page], keep: Callable[..., None]
) -> None:
    """The first epoch of training, far above all else, pressed the validation lines into one stroke."""
    job = trained(client, TINY | {"dataset": sums, "name": "steep", "seed": 1, "training": {"epochs": 6}})["id"]
    events = [event.data for event in client.events(job) if event.event == "epoch"]
    assert events[0]["train_loss"] > 1.5 * events[0]["validation_loss"]
    page = open_page("#/draw")
    page.context.add_init_script(WRITTEN)
    page.goto(page.url.partition("#")[0] + f"?again#/train?runs={job}")
    page.locator(".report").wait_for()

    assert highest_tick(page) < events[0]["train_loss"]
    keep(page, "train-scale")
    page.get_by_label("all of training").check()
    assert "fit=all" in page.url
    page.reload()
    page.locator(".report").wait_for()
    assert highest_tick(page) > 0.8 * events[0]["train_loss"]


def highest_tick(page: Page) -> float:
    """Of the first chart's y axis."""
    page.wait_for_function(f"() => ({OF_THE_FIRST_CHART})().length")
    texts: list[dict[str, Any]] = page.evaluate(OF_THE_FIRST_CHART)
    below = max(text["y"] for text in texts)
    return max(float(text["text"]) for text in texts if text["y"] != below)


def test_the_pointer_reads_names_with_values_the_best_first(
    seven: list[str], client: Client, open_page: Callable[..., Page], keep: Callable[..., None]
) -> None:
    runs = seven[:3]
    page = open_page(f"#/train?runs={','.join(runs)}")
    page.locator(".report").wait_for()
    second = {
        client.job(run).name: next(e.data for e in client.events(run) if e.event == "epoch" and e.data["epoch"] == 2)
        for run in runs
    }

    page.locator(".chart .u-over").nth(1).hover()

    readout = page.locator(".curve").nth(1).locator(".readout")
    expect(readout.locator("thead")).to_contain_text("epoch 2")
    best = sorted(second, key=lambda name: -second[name]["validation_accuracy"])
    expect(readout.locator("tbody th")).to_have_text(best)
    expect(readout.locator("tbody td").first).to_have_text(f"{100 * second[best[0]]['validation_accuracy']:.2f}\u00a0%")
    losses = page.locator(".curve").first.locator(".readout tbody th")
    expect(losses).to_have_text(sorted(second, key=lambda name: second[name]["validation_loss"]))
    keep(page, "train-readout")


def test_runs_of_other_data_are_not_on_one_axis_without_a_word(
    seven: list[str], stopped: dict[str, Any], open_page: Callable[..., Page], keep: Callable[..., None]
) -> None:
    page = open_page(f"#/train?runs={seven[0]},{stopped['id']},{seven[1]}")

    word = page.locator(".other-kinds")
    expect(word).to_contain_text("learned from different data")
    keep(page, "train-other-data", full=True)
    word.get_by_role("button", name="Only sums (2)").click()

    expect(word).to_have_count(0)
    expect(page.locator(".run")).to_have_count(2)
    assert page.evaluate("location.hash") == f"#/train?runs={seven[0]},{seven[1]}"


def test_a_seventh_run_says_what_it_replaces(seven: list[str], open_page: Callable[..., Page]) -> None:
    """b19: it dropped the first without a word."""
    page = open_page(f"#/train?runs={','.join(seven[:6])}")
    expect(page.locator(".run")).to_have_count(6)
    page.get_by_text("Compare with an earlier run").click()
    expect(page.locator(".others > .note")).to_contain_text("the next takes the place of “run 1”")

    page.locator(".other", has_text="run 7").click()

    expect(page.locator(".made-room")).to_contain_text("“run 1” made room")
    expect(page.locator(".run-name")).to_have_text([f"run {n}" for n in range(2, 8)])
    page.get_by_role("button", name="Show it again").click()
    expect(page.locator(".run-name")).to_have_text([*(f"run {n}" for n in range(3, 8)), "run 1"])


def test_a_link_to_six_runs_opened_elsewhere_shows_the_same(
    seven: list[str], open_page: Callable[..., Page], keep: Callable[..., None]
) -> None:
    here = open_page(f"#/train?runs={','.join(seven[:5])}")
    here.get_by_text("Compare with an earlier run").click()
    here.locator(".other", has_text="run 7").click()
    here.locator(".run-name", has_text="run 3").click()
    here.get_by_label("log loss").check()
    here.get_by_label("Smoothing").fill("0.5")
    expect(here.locator(".run")).to_have_count(6)
    expect(here.locator("#report-title")).to_contain_text("run 3")

    there = open_page(here.evaluate("location.hash"), viewport={"width": 390, "height": 844}, color_scheme="dark")

    expect(there.locator(".run")).to_have_count(6)
    expect(there.locator("#report-title")).to_contain_text("run 3")
    for look in (shown, lambda page: page.locator(".chart").first.get_attribute("aria-label")):
        assert look(there) == look(here)
    expect(there.get_by_label("log loss")).to_be_checked()
    expect(there.get_by_label("Smoothing")).to_have_value("0.5")
    expect(there.locator(".run.chosen")).to_contain_text("run 3")
    keep(there, "train-six-runs-elsewhere", full=True)


def shown(page: Page) -> list[list[str]]:
    """The runs with their colours' names, in order."""
    found: list[list[str]] = page.locator(".run").evaluate_all(
        """(runs) => runs.map((run) =>
          [run.dataset.job, run.style.getPropertyValue("--series"), run.querySelector(".run-name").innerText])"""
    )
    return found


def test_more_runs_than_are_drawn_in_an_address_are_said(seven: list[str], open_page: Callable[..., Page]) -> None:
    page = open_page(f"#/train?runs={','.join(seven)}")

    expect(page.locator(".train-runs")).to_contain_text("The address names 7 runs; the first 6 are drawn.")
    expect(page.locator(".run")).to_have_count(6)


@pytest.mark.parametrize(("width", "height"), [(1024, 768), (1440, 900), (1600, 1000)])
def test_start_and_the_curves_stay_in_sight(
    width: int, height: int, client: Client, open_page: Callable[..., Page], keep: Callable[..., None]
) -> None:
    """Start stood below the fold, and who had pressed it looked at the empty underside of the charts."""
    page = open_page("#/train", viewport={"width": width, "height": height})
    start = page.get_by_role("button", name="Start training")
    expect(start).to_be_in_viewport()
    page.get_by_text("More", exact=True).click()
    page.get_by_label("Name", exact=True).fill(f"in sight {width}")
    expect(start).to_be_in_viewport()

    start.click()

    run = page.locator(".run", has_text=f"in sight {width}")
    expect(run).to_be_visible()
    for curve in page.locator(".curve").all():
        expect(curve).to_be_in_viewport(ratio=0.9)
    expect(start).to_be_in_viewport()
    keep(page, f"train-in-sight-{width}")
    client.cancel(run.get_attribute("data-job"))

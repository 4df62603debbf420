"""Numbers as the page writes them: data whole, times and sizes in their units, axes with the decimals they need."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import pytest

from neurond import Client
from tests.support import needs
from tests.support.browser.charts import OF_THE_FIRST_CHART, WRITTEN
from tests.support.browser.page import loaded, trained

if TYPE_CHECKING:
    from playwright.sync_api import Page

expect = needs.module("playwright.sync_api", group="browser").expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

FORMATTED: Final = (
    f"([name, values]) => {loaded('format')}.then((format) => values.map((value) => format[name](value)))"
)


@pytest.fixture(scope="session")
def houses(client: Client, tmp_path_factory: pytest.TempPathFactory) -> str:
    """ID of a data set with years and prices."""
    path = tmp_path_factory.mktemp("houses") / "houses.csv"
    rows = [f"{1987 + n % 7},{n * 0.0125 + 20.5},{251340 + n}" for n in range(400)]
    path.write_text("\n".join(["year,size,price", *rows]))
    return client.upload(path).wait().id


@pytest.fixture(scope="session")
def brief_run(client: Client, houses: str) -> str:
    """ID of a job that took less than a second."""
    return trained(client, {"dataset": houses, "training": {"epochs": 6}})["id"]


def test_values_of_the_data_are_shown_whole(
    houses: str, client: Client, open_page: Callable[..., Page], keep: Callable[..., None]
) -> None:
    first = client.samples(houses, limit=1)[0]
    page = open_page(f"#/library?tab=datasets&open={houses}")

    row = page.get_by_label("The first rows").locator("tbody tr").first
    expect(row.locator("td")).to_have_text([f"{value:.7g}" for value in (*first.x, first.y)])
    assert re.fullmatch(r"2\d{5}", row.locator("b").inner_text())
    keep(page, "library-houses", full=True)

    written = page.evaluate(FORMATTED, ["datum", [251340, -1987, 0.1 + 0.2, 1e-7, 0, 123456789.25, "clay", None]])
    assert written == ["251340", "−1987", "0.3", "1×10⁻⁷", "0", "123456789", "clay", "–"]


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("duration", {119.7: "2 min 0 s", 7199: "2 h 0 min", 59.8: "1 min 0 s", 9.97: "10 s", 0.9996: "1.0 s"}),
        ("duration", {65: "1 min 5 s", 3660: "1 h 1 min", 59.4: "59 s", 0.25: "250 ms", 3599.7: "1 h 0 min"}),
        ("bytes", {999_999: "1.0 MB", 999_949: "999.9 kB", 999: "999 B", 1000: "1.0 kB", 999_999_999: "1.0 GB"}),
    ],
)
def test_a_unit_is_chosen_after_rounding(name: str, values: dict[float, str], open_page: Callable[..., Page]) -> None:
    assert open_page("#/draw").evaluate(FORMATTED, [name, list(values)]) == list(values.values())


def test_a_number_of_a_thousand_or_more_is_whole_and_has_marks(open_page: Callable[..., Page]) -> None:
    """b22: an error of 23,110 was "± 23100", and 5011 in one list was 5,011 in the next."""
    written = {
        23110.4: "23,110",
        5011: "5,011",
        999.6: "1,000",
        231100: "231,100",
        -1987: "−1,987",
        2e7: "2.00×10⁷",
        0.08284: "0.0828",
        12.345: "12.3",
        0: "0",
        1.5e-5: "1.50×10⁻⁵",
    }

    assert open_page("#/draw").evaluate(FORMATTED, ["number", list(written)]) == list(written.values())


def test_ticks_have_as_many_decimals_as_tell_them_apart(open_page: Callable[..., Page]) -> None:
    axes = {
        (1, 1.05, 1.1, 1.15): ["1.00", "1.05", "1.10", "1.15"],
        (0, 0.25, 0.5): ["0.00", "0.25", "0.50"],
        (0, 200, 400): ["0", "200", "400"],
        (0, 2e7, 1.2e8): ["0", "2.0×10⁷", "1.2×10⁸"],
        (0, 0.00002, 0.00004): ["0", "2×10⁻⁵", "4×10⁻⁵"],
    }

    assert open_page("#/draw").evaluate(FORMATTED, ["ticks", [list(axis) for axis in axes]]) == list(axes.values())


def axes_of(page: Page, address: str) -> tuple[list[str], list[str]]:
    """What the first chart at this address writes along x and along y."""
    page.goto("about:blank")
    page.goto(address)
    page.locator(".report, .run-facts").first.wait_for()
    page.wait_for_function(f"() => ({OF_THE_FIRST_CHART})().length")
    texts: list[dict[str, Any]] = page.evaluate(OF_THE_FIRST_CHART)
    below = max(text["y"] for text in texts)
    return (
        [text["text"] for text in texts if text["y"] == below],
        [text["text"] for text in texts if text["y"] != below],
    )


def test_a_chart_writes_no_dash_at_a_tick_without_a_number_and_draws_a_brief_run_over_its_whole_width(
    brief_run: str, client: Client, open_page: Callable[..., Page], keep: Callable[..., None]
) -> None:
    took = client.job(brief_run).metrics["train_seconds"]
    assert took < 1
    page = open_page("#/draw")
    page.context.add_init_script(WRITTEN)
    home = page.url.partition("#")[0]

    epochs, losses = axes_of(page, f"{home}#/train?runs={brief_run}")
    assert epochs[:2] == ["1", "2"]
    assert len(set(losses)) == len(losses) > 2

    seconds, losses = axes_of(page, f"{home}#/train?runs={brief_run}&x=time&log=1")
    assert "–" not in losses
    assert len(set(seconds)) == len(seconds) > 2
    assert max(float(text) for text in seconds) <= took
    keep(page, "train-brief-run")

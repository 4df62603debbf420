"""Train while others wait: what runs is in view, one's own place is told, and what waits is ended from the list."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from api.local.stack import Stack
from neurond import Client
from tests.support import needs
from tests.support.browser.axe import found_by_axe
from tests.support.browser.page import loaded, trained

if TYPE_CHECKING:
    from playwright.sync_api import Page

expect = needs.module("playwright.sync_api", group="browser").expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

WAITING: Final = 30
SMALL: Final[dict[str, Any]] = {"dataset": "mnist", "model": {"hidden_layers": [8]}, "training": {"batch_size": 1024}}


HEIGHTS: Final = """
  Math.min(...[...document.querySelectorAll(":is(.learns, .queue) :is(select, button, summary)")]
    .map((one) => one.getBoundingClientRect().height))
"""
"""The least height of what is touched, in CSS pixels."""


def lasting(name: str) -> dict[str, Any]:
    return SMALL | {"name": name, "training": {"batch_size": 1024, "epochs": 10_000}}


@pytest.fixture(scope="module")
def busy(open_stack: Callable[[], Stack]) -> Iterator[tuple[Client, list[str]]]:
    """A service on which one job has ended, one runs and thirty wait: with the IDs of these, in their order."""
    with open_stack() as stack, Client(stack.url) as client:
        trained(client, SMALL | {"training": {"epochs": 1}})
        running = client.submit(lasting("the long one"))
        for event in client.stream(running.id):
            if event.event == "epoch":
                break
        waiting = [client.submit(lasting(f"waits {number}")).id for number in range(1, WAITING + 1)]
        yield client, waiting
        for job in [*waiting, running.id]:
            client.cancel(job)


def test_with_thirty_that_wait_the_running_one_is_in_view(
    busy: tuple[Client, list[str]], open_page: Callable[..., Page], keep: Callable[..., None]
) -> None:
    client, _ = busy
    page = open_page("#/train", url=client.url, viewport={"width": 1440, "height": 900})

    queue = page.get_by_role("region", name="Queue")
    expect(queue).to_contain_text("the long one")
    expect(queue).to_be_in_viewport()
    expect(queue.locator(".waiting summary")).to_contain_text("30 wait, the last begins in about")
    run = page.locator(".run")
    expect(run).to_have_count(1)
    expect(run).to_have_attribute("data-status", "running")
    expect(run).to_contain_text("the long one")
    keep(page, "train-queue", full=True)


def test_one_that_waits_says_its_place_and_what_runs_which_is_one_click_away(
    busy: tuple[Client, list[str]], open_page: Callable[..., Page], keep: Callable[..., None]
) -> None:
    client, waiting = busy
    page = open_page(f"#/train?runs={waiting[28]}", url=client.url)
    run = page.locator(f'.run[data-job="{waiting[28]}"]')

    expect(run).to_contain_text(re.compile(r"29th, in about \d+ (s|min|h)"))
    expect(run).to_contain_text(re.compile(r"now running: the long one, epoch \d+ of 10,000"))
    expect(run).not_to_contain_text("epoch 0")
    keep(page, "train-waiting", full=True)

    page.get_by_role("button", name="Show its curve: the long one").click()
    expect(page.locator(".run")).to_have_count(2)
    expect(page.locator(".run").last).to_have_attribute("data-status", "running")


@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1024, "light"), (1600, "light")])
def test_everyone_can_use_the_list_and_what_is_learned(
    width: int,
    scheme: str,
    busy: tuple[Client, list[str]],
    tmp_path: Path,
    open_page: Callable[..., Page],
    keep: Callable[..., None],
) -> None:
    client, waiting = busy
    (tmp_path / "rooms.csv").write_text(
        "size,door,price\n" + "".join(f"{n},{'ab'[n % 2]},{n / 7}\n" for n in range(60))
    )
    dataset = client.upload(tmp_path / "rooms.csv").wait().id
    address = f"#/train?dataset={dataset}&runs={waiting[28]}"
    page = open_page(address, url=client.url, viewport={"width": width, "height": 900}, color_scheme=scheme)
    for summary in (".columns summary", ".waiting summary"):
        page.locator(summary).click()
    page.locator(".waiting li").first.wait_for()

    keep(page, f"train-table-{width}-{scheme}", full=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    low = page.evaluate(HEIGHTS)
    assert low >= (44 if width == 390 else 24)
    assert found_by_axe(page) == []


def test_what_waits_is_listed_in_its_order_and_cancelled_there(
    busy: tuple[Client, list[str]], open_page: Callable[..., Page], keep: Callable[..., None]
) -> None:
    client, waiting = busy
    page = open_page("#/train", url=client.url)
    page.locator(".waiting summary").click()
    places = page.locator(".waiting li")
    expect(places).to_have_count(WAITING)
    assert [name.partition(" ")[2] for name in places.locator("b").all_text_contents()] == [
        str(number) for number in range(1, WAITING + 1)
    ]
    expect(places.nth(1)).to_contain_text("2nd, in about")
    keep(page, "train-queue-list", full=True)

    page.get_by_role("button", name="Cancel waits 2", exact=True).click()

    expect(places).to_have_count(WAITING - 1)
    assert client.job(waiting[1]).status == "cancelled"
    assert client.job(waiting[2]).queue.position == 2
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Cancel these 29").click()
    expect(places).to_have_count(0, timeout=30_000)
    assert {client.job(job).status for job in waiting} == {"cancelled"}


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (
            "ordinal",
            {1: "1st", 2: "2nd", 3: "3rd", 4: "4th", 11: "11th", 12: "12th", 13: "13th", 21: "21st", 112: "112th"},
        ),
        (
            "startsIn",
            {
                0: "now",
                7: "in about 7 s",
                44: "in about 40 s",
                100: "in about 2 min",
                986: "in about 16 min",
                9000: "in about 3 h",
            },
        ),
    ],
)
def test_a_place_is_told_in_words(function: str, expected: dict[int, str], open_page: Callable[..., Page]) -> None:
    page = open_page("#/operate")

    told = page.evaluate(f"numbers => {loaded('queue')}.then((queue) => numbers.map(queue.{function}))", list(expected))

    assert told == list(expected.values())

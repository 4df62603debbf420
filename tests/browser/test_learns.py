"""Train, before a run: which column is learned of which file, and how that is changed where one trains."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from neurond import Client
from nn.data.parse_results import TARGET_NAMES
from tests.support import needs
from tests.support.browser.page import loaded, trained

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

expect = needs.module("playwright.sync_api", group="browser").expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

READ_MS = 60_000


@pytest.fixture
def customers(tmp_path: Path) -> Path:
    """Customers: whether each left stands first, what each pays last."""
    draw = random.Random(3)
    lines = ["churned,plan,tenure,region,monthly_charges"]
    for number in range(200):
        tenure, left = draw.randrange(1, 72), draw.random() < 0.3
        lines.append(
            f"{'Yes' if left else 'No'},{draw.choice(['basic', 'full'])},{tenure if number % 20 else ''},"
            f"{draw.randrange(1, 9)},{20 + tenure * 0.7 + draw.random():.2f}"
        )
    path = tmp_path / "customers.csv"
    path.write_text("\n".join(lines))
    return path


def bring(page: Page, file: Path) -> None:
    page.get_by_text("Use a file of your own").click()
    page.locator("input[type=file]").set_input_files(file)


def target(page: Page) -> Locator:
    return page.get_by_label("Learns this column")


def test_a_churn_file_gets_to_its_right_target_in_two_clicks_and_without_a_second_upload(
    customers: Path, client: Client, open_page: Callable[..., Page], keep: Callable[..., None]
) -> None:
    page = open_page("#/train?runs=")
    sent: list[str] = []
    page.on("request", lambda request: request.method == "POST" and sent.append(request.headers["content-type"]))
    bring(page, customers)
    expect(target(page)).to_have_value("monthly_charges", timeout=READ_MS)
    expect(page.locator(".learns")).to_contain_text("the last column, for none is called target")
    expect(page.locator(".first-rows th.target")).to_have_text("monthly_charges")
    keep(page, "train-learns-a-guess", full=True)

    target(page).select_option("churned")  # the click that opens the menu, and the one that takes a column

    expect(page.locator(".first-rows th.target")).to_have_text("churned", timeout=READ_MS)
    expect(page.locator(".first-rows tbody tr")).to_have_count(3)
    expect(page.locator(".first-rows td.target").first).to_have_text("No")
    expect(page.locator(".learns-line")).to_contain_text("from 4 columns")
    expect(page.locator(".learns")).not_to_contain_text("A guess")
    keep(page, "train-learns", full=True)
    assert sent == ["text/csv", "application/json"]
    page.get_by_role("button", name="Start training").click()
    expect(page.locator(".run")).to_have_count(1)
    [job] = client.jobs(limit=1)
    learned = client.dataset(job.dataset)
    assert (learned.target, learned.task, learned.classes) == ("churned", "classification", ["No", "Yes"])

    target(page).select_option("monthly_charges")
    expect(page.locator(".first-rows th.target")).to_have_text("monthly_charges", timeout=READ_MS)
    assert sent == ["text/csv", "application/json", "application/json"]  # the job's was the last: nothing is read twice


def test_columns_are_rows_with_their_kind_and_what_is_missing_and_can_be_left_out(
    customers: Path, client: Client, open_page: Callable[..., Page], keep: Callable[..., None]
) -> None:
    dataset = client.upload(customers, target="churned").wait().id
    page = open_page(f"#/train?runs=&dataset={dataset}")
    page.locator(".columns summary").click()
    row = page.locator(".columns tbody tr")
    expect(row.filter(has_text="tenure").locator("td").last).to_have_text("10")
    expect(row.filter(has_text="tenure").get_by_role("img", name="1 to 71").locator("rect")).to_have_count(12)
    expect(row.filter(has_text="plan").get_by_role("img", name="2 names: basic, full").locator("rect")).to_have_count(2)

    page.get_by_label("How region is read").select_option("name")
    page.get_by_label("How monthly_charges is read").select_option("out")
    keep(page, "train-columns", full=True)
    page.get_by_role("button", name="Read the file again like this").click()

    expect(page.locator(".learns-line")).to_contain_text("from 3 columns", timeout=READ_MS)
    changed = client.dataset(page.get_by_label("Data set").input_value())
    assert [(column.name, column.kind) for column in changed.columns] == [
        ("plan", "categorical"),
        ("tenure", "numeric"),
        ("region", "categorical"),
    ]
    named = page.get_by_label("Data set").locator("option", has_text="customers.csv: churned")
    assert [text.split(", ")[1] for text in named.all_text_contents()][:2] == ["3 columns", "4 columns"]
    page.locator(".columns summary").click()
    page.get_by_label("How monthly_charges is read").select_option("in")
    page.get_by_role("button", name="Read the file again like this").click()
    expect(page.locator(".learns-line")).to_contain_text("from 4 columns", timeout=READ_MS)
    again = client.dataset(page.get_by_label("Data set").input_value())
    assert (again.config.leave_out, again.config.categorical) == ([], ["region"])


def test_a_file_whose_guessed_target_cannot_be_learned_says_so_and_is_read_again_with_another(
    tmp_path: Path, client: Client, open_page: Callable[..., Page], keep: Callable[..., None]
) -> None:
    """What could not be read is no choice in the menu of data to learn from."""
    file = tmp_path / "notes.csv"
    file.write_text("size,kind,remark\n" + "\n".join(f"{n},{'ab'[n % 2]},remark {n} of it" for n in range(60)))
    page = open_page("#/train?runs=")

    bring(page, file)

    refused = page.locator(".run-form").get_by_role("alert")
    expect(refused).to_contain_text("'remark'", timeout=READ_MS)
    expect(refused).to_contain_text("the last column, for none is called target")
    expect(refused).to_contain_text("say target=")
    keep(page, "train-refused", full=True)
    expect(page.get_by_label("Data set").locator("option", has_text="failed")).to_have_count(0)
    expect(page.get_by_label("Data set").locator("option", has_text="notes.csv")).to_have_count(0)

    page.get_by_label("Column to learn").fill("colour")
    page.get_by_role("button", name="Read it again").click()
    expect(refused).to_contain_text("expected one of the columns size, kind, remark", timeout=READ_MS)
    page.get_by_label("Column to learn").fill("kind")
    page.get_by_label("Column to learn").press("Enter")

    expect(target(page)).to_have_value("kind", timeout=READ_MS)
    expect(page.locator(".run")).to_have_count(0)
    assert [one.status for one in client.datasets() if one.name == "notes.csv"] == ["ready", "failed"]


def test_library_leads_from_a_file_that_could_not_be_read_to_where_another_target_is_said(
    tmp_path: Path, client: Client, open_page: Callable[..., Page]
) -> None:
    file = tmp_path / "diary.csv"
    file.write_text("size,kind,remark\n" + "\n".join(f"{n},{'ab'[n % 2]},remark {n} of it" for n in range(60)))
    failed = client.upload(file).wait()
    page = open_page(f"#/library?tab=datasets&open={failed.id}")

    page.get_by_role("link", name="Read it again with another target").click()

    expect(page.locator(".run-form").get_by_role("alert")).to_contain_text("'remark'")
    expect(page.get_by_role("button", name="Start training")).to_be_disabled()
    page.get_by_label("Column to learn").fill("size")
    page.get_by_role("button", name="Read it again").click()
    expect(target(page)).to_have_value("size", timeout=READ_MS)
    expect(page.get_by_role("button", name="Start training")).to_be_enabled()


def test_what_a_refusal_says_to_say_can_be_said_where_it_stands(
    tmp_path: Path, client: Client, open_page: Callable[..., Page], keep: Callable[..., None]
) -> None:
    file = tmp_path / "straße.csv"
    file.write_bytes("size,straße\n".encode("utf-16-le") + ("1,süd\n2,nord\n" * 30).encode("utf-16-le"))
    page = open_page("#/train?runs=")
    bring(page, file)
    expect(page.locator(".run-form").get_by_role("alert")).to_contain_text("encoding=utf-16-le", timeout=READ_MS)
    expect(page.get_by_label("Encoding")).to_have_value("utf-16-le")
    keep(page, "train-otherwise", full=True)

    page.get_by_label("First row").select_option("names the columns")
    page.get_by_role("button", name="Read it again").click()

    expect(target(page)).to_have_value("straße", timeout=READ_MS)
    config = client.dataset(page.get_by_label("Data set").input_value()).config
    assert (config.encoding, config.header, config.target) == ("utf-16-le", True, None)


@pytest.mark.parametrize(
    ("message", "found"),
    [
        ("text in UTF-16; say encoding=utf-16-le, or save it as UTF-8", {"encoding": "utf-16-le"}),
        ("or say categorical=post code if numbers are names here", {"categorical": "post code"}),
        (
            "or say categorical=a if numbers are names here; if the first row names the columns, say header=true",
            {"categorical": "a", "header": "true"},
        ),
        ("got 1200; say task=regression", {"task": "regression"}),
        ("the last column; say target=… if it is another)", {}),
    ],
)
def test_what_a_message_says_to_say_is_filled_in(message: str, found: dict, open_page: Callable[..., Page]) -> None:
    page = open_page("#/operate")

    module = loaded("spec").replace("lib/spec.js", "views/train/otherwise.js")

    assert page.evaluate(f"message => {module}.then(({{ suggested }}) => suggested(message))", message) == found


def test_nothing_starts_while_the_file_is_read(customers: Path, client: Client, open_page: Callable[..., Page]) -> None:
    dataset = client.upload(customers).wait().id
    page = open_page(f"#/train?runs=&dataset={dataset}")
    page.context.route("**/v1/datasets", lambda route: None if route.request.method == "POST" else route.continue_())

    target(page).select_option("churned")

    expect(page.get_by_role("button", name="Start training")).to_be_disabled()
    page.get_by_label("Data set").select_option("mnist")
    expect(page.get_by_role("button", name="Start training")).to_be_enabled()


def test_the_sketch_draws_each_unit_or_says_that_it_leaves_some_out(
    customers: Path, client: Client, open_page: Callable[..., Page]
) -> None:
    prices = client.upload(customers).wait().id
    page = open_page("#/train?runs=")
    sketch = page.locator(".sketch")
    expect(sketch.locator(".out circle")).to_have_count(10)
    expect(sketch.locator(".in .cut")).to_have_count(3)
    expect(page.locator(".sketch-figure figcaption")).to_be_visible()

    page.get_by_label("Data set").select_option(prices)
    expect(sketch).to_have_attribute("aria-label", "A network of 4, 256, 256, 1 units")
    expect(sketch.locator(".out circle")).to_have_count(1)
    expect(sketch.locator(".in circle")).to_have_count(4)
    target(page).select_option("churned")
    expect(sketch.locator(".out circle")).to_have_count(2, timeout=READ_MS)


def test_library_says_by_which_rule_a_target_is_guessed(open_page: Callable[..., Page]) -> None:
    page = open_page("#/library?tab=datasets")

    field, rule = page.get_by_label("Column to learn"), page.locator("#target-rule")

    expect(field).to_have_attribute("placeholder", "by its name, else the last")
    expect(rule).to_contain_text(f"{', '.join(TARGET_NAMES[:-1])} or {TARGET_NAMES[-1]}")


def test_a_link_to_a_run_opens_the_form_of_its_data(
    customers: Path, client: Client, open_page: Callable[..., Page]
) -> None:
    dataset = client.upload(customers, target="churned").wait().id
    job = trained(client, {"dataset": dataset, "training": {"epochs": 2}})["id"]
    digits = trained(client, {"dataset": "mnist", "model": {"hidden_layers": [8]}, "training": {"epochs": 1}})["id"]

    page = open_page(f"#/train?runs={job}")
    expect(page.get_by_label("Data set")).to_have_value(dataset)
    expect(page.get_by_role("button", name="Table", exact=True)).to_have_attribute("aria-pressed", "true")

    page.evaluate("address => { location.hash = address }", f"#/train?runs={digits}")
    expect(page.get_by_label("Data set")).to_have_value("mnist")
    page.evaluate("address => { location.hash = address }", f"#/train?runs={digits}&dataset={dataset}")
    expect(page.get_by_label("Data set")).to_have_value(dataset)

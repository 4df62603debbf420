"""Is it any good: beside each score stands that of knowing nothing, and one that is no better is never green."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import pytest

from neurond import Client
from tests.support import needs
from tests.support.browser.page import loaded, trained

if TYPE_CHECKING:
    from playwright.sync_api import Page

expect = needs.module("playwright.sync_api", group="browser").expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

COLUMNS: Final = ("amount", "term", "income", "age", "purpose", "rate", "balance", "open_lines")

NO_BETTER: Final = "no better than guessing"

IN_COLOUR: Final = """(page, name) => {
  const probe = document.body.appendChild(document.createElement("i"));
  probe.style.color = `var(--${name})`;
  const colour = getComputedStyle(probe).color;
  probe.remove();
  const parts = [...page.querySelectorAll("*")].filter((one) => getComputedStyle(one).color === colour);
  return parts.map((one) => one.textContent);
}"""
"""The texts of an element's parts that stand in a colour of the page's own."""


@pytest.fixture(scope="session")
def loans(client: Client, tmp_path_factory: pytest.TempPathFactory) -> str:
    """ID of a table like lending_club: 19 in 20 are good, and nothing in it tells which."""
    rng = random.Random(5)
    path = tmp_path_factory.mktemp("loans") / "loans.csv"
    rows = [[*(f"{rng.random():.3f}" for _ in COLUMNS), "good" if n % 20 else "bad"] for n in range(2000)]
    path.write_text("\n".join(map(",".join, [[*COLUMNS, "class"], *rows])))
    return client.upload(path).wait().id


@pytest.fixture(scope="session")
def useless(client: Client, loans: str) -> dict[str, Any]:
    """A job that learned to say the frequent class."""
    return trained(
        client,
        {"dataset": loans, "name": "lending", "seed": 1, "model": {"hidden_layers": [4]}, "training": {"epochs": 4}},
    )


@pytest.fixture(scope="session")
def leavers(client: Client, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A job that finds some of those who leave: its data tells more than nothing, and not all."""
    rng = random.Random(6)
    rows = []
    for n in range(1600):
        left = n % 4 == 0
        values = [rng.gauss(1.6 if left else 0.0, 1.0), *(rng.random() for _ in COLUMNS[1:])]
        rows.append(",".join([*(f"{value:.3f}" for value in values), "Yes" if left else "No"]))
    path = tmp_path_factory.mktemp("churn") / "churn.csv"
    path.write_text("\n".join([",".join((*COLUMNS, "class")), *rows]))
    dataset = client.upload(path).wait().id
    return trained(client, {"dataset": dataset, "preset": "table", "name": "churn", "seed": 1})


def test_lending_club_to_no_better_than_guessing(
    useless: dict[str, Any], open_page: Callable[..., Page], keep: Callable[..., None]
) -> None:
    metrics = useless["metrics"]
    assert metrics["test_accuracy"] <= metrics["baseline"] + metrics["standard_error"]
    page = open_page(f"#/train?runs={useless['id']}")

    facts = page.locator(".run-facts")
    expect(facts).to_contain_text("always “good”")
    expect(facts).to_contain_text(NO_BETTER)
    expect(page.locator(".worth")).to_contain_text(f"This is {NO_BETTER}.")
    keep(page, "train-no-better", full=True)
    for part in (page.locator(".run"), page.locator(".report")):
        assert part.evaluate(IN_COLOUR, "good") == []
        assert any(NO_BETTER in text for text in part.evaluate(IN_COLOUR, "warn"))

    for tab in ("jobs", "models"):
        row = open_page(f"#/library?tab={tab}").locator("tbody tr", has_text="lending").first
        expect(row).to_contain_text(NO_BETTER)
        assert any(NO_BETTER in text for text in row.evaluate(IN_COLOUR, "warn"))


def test_the_report_begins_with_a_sentence_and_the_matrix_writes_its_zeros_and_margins(
    useless: dict[str, Any],
    leavers: dict[str, Any],
    client: Client,
    open_page: Callable[..., Page],
    keep: Callable[..., None],
) -> None:
    page = open_page(f"#/train?runs={useless['id']},{leavers['id']}&run={leavers['id']}")
    [[_, no_as_yes], [yes_as_no, yes_as_yes]] = client.model(leavers["model_id"]).evaluation.confusion
    yes, named = yes_as_no + yes_as_yes, no_as_yes + yes_as_yes
    assert 0 < yes_as_yes < yes

    expect(page.locator(".report .sentence")).to_have_text(
        f"Of {yes} “Yes” it finds {yes_as_yes}; of the {named} that it calls “Yes”, {yes_as_yes} are."
    )
    rows = page.locator(".confusion tbody tr")
    *counts, found = map(float, rows.nth(1).locator("td").all_text_contents())
    assert counts == [yes_as_no, yes_as_yes]
    assert found == pytest.approx(100 * yes_as_yes / yes, abs=0.051)
    right_when_said = float(page.locator(".confusion tfoot td").nth(1).inner_text())
    assert right_when_said == pytest.approx(100 * yes_as_yes / named, abs=0.051)
    expect(page.locator(".run", has_text="churn").locator(".good").first).to_be_visible()
    keep(page, "train-two-classes", full=True)

    page.locator(".run-name", has_text="lending").click()

    expect(page.locator(".report .sentence")).to_have_text(
        "It says “good” to all 400 rows, also to the 20 that are not."
    )
    expect(page.locator(".confusion tbody td")).to_have_text(["0", "20", "0", "0", "380", "100"])
    expect(page.locator(".confusion tfoot td")).to_have_text(["–", "95.0", ""])


def test_a_mistake_of_a_table_shows_names_with_values_and_all_of_them_on_demand(
    leavers: dict[str, Any], client: Client, open_page: Callable[..., Page], keep: Callable[..., None]
) -> None:
    worst = client.model(leavers["model_id"]).evaluation.mistakes[0]
    [row] = client.samples(leavers["dataset"], split="test", offset=worst.index, limit=1)
    page = open_page(f"#/train?runs={leavers['id']}")
    mistake = page.locator(".mistake").first

    expect(mistake.locator("dt").first).to_have_text(COLUMNS[0])
    expect(mistake.locator("dd").first).to_have_text(f"{row.x[0]:.7g}".replace("-", "−"))
    expect(mistake.locator("dt", has_text=COLUMNS[-1])).to_be_hidden()
    mistake.get_by_text(f"{len(COLUMNS) - 6} more columns").click()
    expect(mistake.locator("dt", has_text=COLUMNS[-1])).to_be_visible()
    keep(page, "train-mistakes-of-a-table", full=True)


VERDICT: Final = f"(of) => {loaded('score')}.then(({{ verdict }}) => verdict(...of))"


def test_models_of_before_the_baseline_are_judged_by_their_matrix(open_page: Callable[..., Page]) -> None:
    page = open_page("#/operate")
    evaluation = {"rows": 100, "confusion": [[90, 0], [10, 0]]}

    old = page.evaluate(VERDICT, [{"test_accuracy": 0.9}, evaluation, ["good", "bad"]])
    assert old == {
        "kind": "accuracy",
        "score": 0.9,
        "baseline": 0.9,
        "standardError": pytest.approx(0.03),
        "always": "good",
        "guessing": True,
    }
    option = f"(of) => {loaded('score')}.then(({{ scoreInWords }}) => scoreInWords(of))"
    told = {"metrics": {"test_accuracy": 0.9}, "evaluation": evaluation, "classes": ["good", "bad"]}
    assert page.evaluate(option, told) == f"90.00\u00a0%, {NO_BETTER}"
    assert page.evaluate(VERDICT, [{"test_accuracy": 0.9}]) is None
    assert page.evaluate(VERDICT, [{"test_r2": 0.4}])["guessing"] is False
    assert page.evaluate(VERDICT, [{"validation_accuracy": 0.9}]) is None


def test_metrics_stand_in_the_order_in_which_one_asks(
    leavers: dict[str, Any], open_page: Callable[..., Page], keep: Callable[..., None]
) -> None:
    """b23: the learning rate of the last epoch stood first, the test accuracy eleventh."""
    for tab, identifier in (("jobs", leavers["id"]), ("models", leavers["model_id"])):
        page = open_page(f"#/library?tab={tab}&open={identifier}")
        names = page.locator("tr.details dl.facts").first.locator("dt")
        expect(names.filter(has_text="test accuracy").first).to_be_visible()
        told = [name for name in names.all_text_contents() if name not in ("ID", "Task", "Attempt", "sha256")]
        assert told[:3] == ["test accuracy", "knowing nothing, always “No”", "standard error of the test score"]
        assert told[-2:] == ["learning rate of the last epoch", "the last epoch took"]
        keep(page, f"library-metrics-{tab}", full=True)

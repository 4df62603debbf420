"""The figures of all tables in Markdown and as a picture, each mean with its standard error over the splits."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import mean, stdev
from typing import Any, Final

from benchmarks.chart import dots
from benchmarks.machine import median

REFERENCE: Final = "CatBoost"
"""Losses are told beside those of this rival."""

BEHIND: Final = 0.1
"""A table is lost where the loss is more than this share above that of the best, beyond its standard error."""

Sample = Sequence[float]
"""One number a split."""

BLOCKS: Final = {
    "loss": ("Log loss, or RMSE ÷ sd", ".3f"),
    "auc": ("AUC; of more than two classes, the mean of each against the others", ".4f"),
    "seconds": ("Seconds of a training", ".1f"),
    "one_row_ms": ("One row, median, in ms", ".2f"),
}


@dataclass(frozen=True)
class Summary:
    """What is compared: of the tables that every contender has learned, the splits that all of them have."""

    figures: Mapping[str, Any]

    @cached_property
    def contenders(self) -> list[str]:
        """In the order of their first figures, ours before the rivals."""
        found = dict.fromkeys(name for one in self.figures["tables"].values() for name in one["results"])
        return sorted(found, key=lambda name: not name.startswith("`"))

    @cached_property
    def splits(self) -> dict[str, list[str]]:
        """Of each table that can be compared, the splits."""
        found = {}
        for name, one in self.figures["tables"].items():
            each = [set(one["results"].get(contender, {"splits": {}})["splits"]) for contender in self.contenders]
            if common := sorted(set.intersection(*each), key=int):
                found[name] = common
        return found

    def sample(self, table: str, contender: str, what: str) -> list[float]:
        """One number for each split that is compared."""
        splits = self.figures["tables"][table]["results"][contender]["splits"]
        return [splits[split][what] for split in self.splits[table] if what in splits[split]]

    def everywhere(self, of_split: Callable[[Sequence[float]], Sequence[float]], what: str) -> list[list[float]]:
        """For each contender one number a split: the mean over the tables of what `of_split` makes of all."""
        rounds = min(map(len, self.splits.values()))
        made = [
            [of_split([self.sample(table, one, what)[place] for one in self.contenders]) for table in self.splits]
            for place in range(rounds)
        ]
        return [[mean(of[turn] for of in one) for one in made] for turn in range(len(self.contenders))]

    def behind(self, contender: str, what: str) -> dict[str, list[float]]:
        """Of each table, by which share the contender is worse than the one with the best mean, split by split."""
        found = {}
        for table in self.splits:
            best = min((self.sample(table, one, what) for one in self.contenders), key=mean)
            found[table] = [
                _beside(mine, its) for mine, its in zip(self.sample(table, contender, what), best, strict=True)
            ]
        return found


def table(figures: dict[str, Any]) -> str:
    """What a README may show: first what it comes to, then the errors, and the rest to be opened."""
    summary = Summary(figures)
    if not summary.splits:
        return "No table has been learned by all of them."
    parts = [_in_short(summary), _block(summary, "error", "Error, or RMSE ÷ sd", ".3f")]
    for what, (title, form) in BLOCKS.items():
        parts.append(f"<details><summary>{title}</summary>\n\n{_block(summary, what, '', form)}\n\n</details>")
    parts.append("; ".join(_of(summary, contender) for contender in summary.contenders) + ".")
    return "\n\n".join(parts)


def picture(figures: dict[str, Any]) -> str:
    """The loss of each contender beside CatBoost's, table by table."""
    summary = Summary(figures)
    if REFERENCE not in summary.contenders:
        raise SystemExit(f"--svg: expected figures of {REFERENCE}, beside whose losses the others are drawn, got none")
    drawn: dict[str, dict[str, tuple[float, float]]] = {}
    for name in summary.splits:
        reference = summary.sample(name, REFERENCE, "loss")
        drawn[name] = {}
        for contender in summary.contenders:
            if contender != REFERENCE:
                pairs = zip(summary.sample(name, contender, "loss"), reference, strict=True)
                ratios = [_beside(mine, its) for mine, its in pairs]
                drawn[name][contender.strip("`")] = (mean(ratios), _error(ratios) or 0.0)
    ours = [name.strip("`") for name in summary.contenders if name.startswith("`")]
    splits = max(map(len, summary.splits.values()))
    note = f"Mean of {splits} division{'s' * (splits > 1)} of the rows; bars are standard errors. Left is better."
    return dots(drawn, ours, title=f"Log loss, or RMSE, beside {REFERENCE} with its defaults", note=note)


def _in_short(summary: Summary) -> str:
    """Ranks, distances, and where a contender is far behind."""
    rows = {
        "mean rank, error": [_told(one, ".2f") for one in summary.everywhere(_ranks, "error")],
        "mean rank, loss": [_told(one, ".2f") for one in summary.everywhere(_ranks, "loss")],
    }
    if REFERENCE in summary.contenders:
        place = summary.contenders.index(REFERENCE)
        away = summary.everywhere(lambda all_of_them: [_beside(one, all_of_them[place]) for one in all_of_them], "loss")
        rows[f"loss beside {REFERENCE}'s, mean"] = [
            _told([100 * one for one in sample], "+.1f", " %") for sample in away
        ]
    for what in ("error", "loss"):
        behind = [summary.behind(contender, what) for contender in summary.contenders]
        rows[f"{what}, furthest behind the best"] = [_furthest(one) for one in behind]
        rows[f"{what}, more than {BEHIND:.0%} behind, beyond its standard error"] = [_lost(one) for one in behind]
    for what, title in (("seconds", "seconds of a training, median"), ("one_row_ms", "one row, median, in ms")):
        rows[title] = [
            f"{median([mean(summary.sample(name, contender, what)) for name in summary.splits]):.2g}"
            for contender in summary.contenders
        ]
    tables, splits = len(summary.splits), min(map(len, summary.splits.values()))
    head = f"{tables} table{'s' * (tables != 1)}, {splits} split{'s' * (splits != 1)}"
    return _markdown(head, summary.contenders, rows)


def _block(summary: Summary, what: str, title: str, form: str) -> str:
    """One measure, table by table."""
    rows = {
        name: [_told(summary.sample(name, contender, what), form) for contender in summary.contenders]
        for name in summary.splits
        if summary.sample(name, summary.contenders[0], what)
    }
    return _markdown(title, summary.contenders, rows)


def _markdown(title: str, contenders: Sequence[str], rows: Mapping[str, Sequence[str]]) -> str:
    lines = [f"| {title} | {' | '.join(contenders)} |", "| --- |" + " ---: |" * len(contenders)]
    return "\n".join(lines + [f"| {name} | {' | '.join(cells)} |" for name, cells in rows.items()])


def _of(summary: Summary, contender: str) -> str:
    """What was measured, and how busy the machine was before: errors do not change by it, times do."""
    results = [summary.figures["tables"][name]["results"][contender] for name in summary.splits]
    # The spec is sized by the table, so that there may be several of one preset.
    made_of = dict.fromkeys(", ".join(part for part in one["of"].split(", ") if part[:5] != "spec ") for one in results)
    loads = [split["load"] for one in results for split in one["splits"].values()]
    return f"{contender}: {' and '.join(made_of)}, at a load of {min(loads):.0f} to {max(loads):.0f}"


def _told(sample: Sample, form: str, unit: str = "") -> str:
    """The mean, and its standard error where there is one."""
    error = _error(sample)
    return f"{mean(sample):{form}}{unit}" + (f" ± {error:{form.lstrip('+')}}" if error is not None else "")


def _error(sample: Sample) -> float | None:
    """The standard error of the mean; of one split there is none."""
    return stdev(sample) / len(sample) ** 0.5 if len(sample) > 1 else None


def _furthest(behind: Mapping[str, Sample]) -> str:
    name = max(behind, key=lambda name: mean(behind[name]))
    return f"{100 * mean(behind[name]):+.0f} % ({name})"


def _lost(behind: Mapping[str, Sample]) -> str:
    if all(_error(sample) is None for sample in behind.values()):
        return "needs two splits"
    lost = [name for name, sample in behind.items() if mean(sample) - (_error(sample) or 0.0) > BEHIND]
    return ", ".join(lost) or "none"


def _beside(one: float, other: float) -> float:
    """By which share one is above the other; of two zeros neither is."""
    if other:
        return one / other - 1
    return float("inf") if one else 0.0


def _ranks(numbers: Sequence[float]) -> list[float]:
    """1 for the least; equal ones share the mean of their places."""
    order = sorted(numbers)
    return [mean(place + 1 for place, other in enumerate(order) if other == number) for number in numbers]

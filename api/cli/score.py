"""Whether a job's model is any good: its test score beside the score of knowing nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from rich.text import Text

from worker.jobspec import CATALOGUE

Metrics = Mapping[str, Any]

HEADLINES: Final = [name for name, row in CATALOGUE["metrics"].items() if row.get("headline") == 1]
"""The metric of each task that is read first."""

NO_BETTER: Final = "no better than guessing"

WARNING: Final = "yellow"


@dataclass(frozen=True)
class Score:
    """A score of the test part.

    `baseline`: that of knowing nothing; `always`: the class that knowing nothing says, None for regression.
    """

    value: float
    baseline: float
    standard_error: float
    always: str | None

    @property
    def guessing(self) -> bool:
        """Whether it is within one standard error of the baseline, or below."""
        return self.value <= self.baseline + self.standard_error


def score_of(metrics: Metrics) -> Score | None:
    """The test score; None where none was measured, or by a version that measured no baseline."""
    row = _measured(metrics, "test")
    if row is None or "baseline" not in metrics:
        return None
    value = metrics[f"test_{row}"]
    return Score(value, metrics["baseline"], metrics["standard_error"] or 0.0, metrics.get("baseline_class"))


def result_of(metrics: Metrics) -> str:
    """The metric that says most: of the test if there is one, else of the validation, else the loss."""
    for part in ("test", "validation"):
        name = _measured(metrics, part)
        if name is not None:
            return f"{_written(name, metrics[f'{part}_{name}'])} {part}"
        if f"{part}_loss" in metrics:
            return f"loss {metrics[f'{part}_loss']:.4g} {part}"
    return f"loss {metrics['train_loss']:.4g}" if "train_loss" in metrics else ""


def _measured(metrics: Metrics, part: str) -> str | None:
    """The metric that says most of those that were measured on a part."""
    return next((name for name in HEADLINES if f"{part}_{name}" in metrics), None)


def _written(name: str, value: float) -> str:
    row = CATALOGUE["metrics"][name]
    return f"{value:.2%}" if row["format"] == "percent" else f"{row['title']} {value:.3f}"


def result_cell(metrics: Metrics) -> Text:
    """`result_of` for a table; of a model that is no better than guessing the part's name gives way to that."""
    score = score_of(metrics)
    if score is None or not score.guessing:
        return Text(result_of(metrics))
    return Text(f"{result_of(metrics).removesuffix(' test')} guessing", WARNING)


def baseline_cell(metrics: Metrics) -> str:
    """The score of knowing nothing, for a table."""
    score = score_of(metrics)
    if score is None:
        return ""
    return f"R² {score.baseline:.0f}" if score.always is None else f"{score.baseline:.2%}"


def result_in_words(metrics: Metrics) -> Text:
    """How a job went, for its last line: the score, that of knowing nothing, and what follows from both."""
    said = Text(result_of(metrics).replace(" test", " on the test"))
    score = score_of(metrics)
    if score is not None:
        nothing = "the mean: R² 0" if score.always is None else f'"{score.always}": {score.baseline:.2%}'
        said.append(f" (always {nothing})")
        if score.guessing:
            said.append(f": {NO_BETTER}", WARNING)
    return said


def epochs_in_words(progress: Metrics, metrics: Metrics) -> str:
    """How many epochs were trained and, where early stopping chose one, which one's weights were kept."""
    done, of = progress["epoch"], progress["epochs"]
    if "best_epoch" not in metrics:
        return f"epoch {done}/{of}"
    ended = f"stopped after {done} of {of}" if done < of else f"epoch {done}/{of}"
    return f"{ended}, kept {metrics['best_epoch']}"

"""What the command line says of how good a model is: beside its score that of knowing nothing, at 80 columns too."""

import io
from collections.abc import Callable

import pytest
from rich.console import Console

from api.cli import calls
from api.cli.score import epochs_in_words, result_cell, result_in_words
from tests.support.command_line import Neurond, neurond
from tests.support.live import server, settings, url
from worker.store import Store, models
from worker.store.claim import NewModel

__all__ = ["neurond", "server", "settings", "url"]

USELESS = {"test_accuracy": 0.9466, "baseline": 0.9466, "baseline_class": "good", "standard_error": 0.0058}
USEFUL = {"test_accuracy": 0.7909, "baseline": 0.7342, "baseline_class": "No", "standard_error": 0.0125}


@pytest.mark.parametrize(
    ("metrics", "said", "warned"),
    [
        (USELESS, '94.66% on the test (always "good": 94.66%): no better than guessing', True),
        (USEFUL, '79.09% on the test (always "No": 73.42%)', False),
        (USEFUL | {"test_accuracy": 0.746}, '74.60% on the test (always "No": 73.42%): no better than guessing', True),
        (
            {"test_r2": 0.912, "baseline": 0.0, "standard_error": 0.01},
            "R² 0.912 on the test (always the mean: R² 0)",
            False,
        ),
        (
            {"test_r2": 0.01, "baseline": 0.0, "standard_error": 0.02},
            "R² 0.010 on the test (always the mean: R² 0): no better than guessing",
            True,
        ),
        ({"test_accuracy": 0.98}, "98.00% on the test", False),  # of a version that measured no baseline
        ({"train_loss": 0.25}, "loss 0.25", False),
    ],
)
def test_a_score_within_one_standard_error_of_knowing_nothing_is_no_better_than_guessing(
    metrics: dict, said: str, warned: bool
) -> None:
    words = result_in_words(metrics)

    assert words.plain == said
    assert [str(span.style) for span in words.spans] == ["yellow"] * warned
    assert result_cell(metrics).plain.endswith("guessing") is warned


def test_a_job_that_stopped_early_says_which_epoch_it_kept() -> None:
    progress = {"epoch": 25, "epochs": 100}

    assert epochs_in_words(progress, {"best_epoch": 10}) == "stopped after 25 of 100, kept 10"
    assert epochs_in_words(progress, {}) == "epoch 25/100"
    assert epochs_in_words({"epoch": 100, "epochs": 100}, {"best_epoch": 91}) == "epoch 100/100, kept 91"


@pytest.fixture
def ended(neurond: Neurond, store: Store) -> Callable[[dict], str]:
    """Ends a job with these metrics after 25 of its epochs; gives its ID."""

    def end(metrics: dict) -> str:
        job_id = neurond("train", "mnist", "--name", "credit", "--epochs", "100", "-d").stdout.strip()
        claim = store.jobs.claim("worker", 10_000)
        assert claim is not None
        progress = {"epoch": 25, "epochs": 100, "step": 1, "steps": 1, "samples_per_second": 1e5, "eta_seconds": 0.0}
        store.jobs.report(claim, progress, metrics)
        record = models.describe(
            name=None,
            job_id=job_id,
            dataset="mnist",
            task="classification",
            classes=["good", "bad"],
            architecture={},
            metrics=metrics,
            sha256="00",
            size_bytes=1,
        )
        store.jobs.finish(claim, "succeeded", metrics=metrics, model=NewModel("model_0123456789abcdef01234567", record))
        return job_id

    return end


def test_the_last_lines_of_a_job_say_whether_it_is_any_good_and_what_it_kept(
    neurond: Neurond, ended: Callable[[dict], str]
) -> None:
    job_id = ended(USELESS | {"best_epoch": 10})

    assert neurond("watch", job_id).stdout.splitlines()[-3:] == [
        f'{job_id} succeeded, 94.66% on the test (always "good": 94.66%): no better than guessing',
        "Stopped after 25 of 100, kept 10",
        "Its model is model_0123456789abcdef01234567",
    ]


def test_jobs_and_models_say_it_in_80_columns(
    neurond: Neurond, ended: Callable[[dict], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = ended(USELESS)
    for command in ("jobs", "models"):
        console = Console(width=80, file=io.StringIO(), record=True)
        monkeypatch.setattr(calls, "make_console", lambda console=console: console)

        neurond(command)

        text = console.export_text()
        assert "94.66% guessing" in text
        assert (job_id if command == "jobs" else "model_0123456789abcdef01234567") in text
        assert max(map(len, text.splitlines())) <= 80


def test_where_there_is_room_jobs_have_the_baseline_beside_the_result(
    neurond: Neurond, ended: Callable[[dict], str]
) -> None:
    ended(USEFUL)

    head, _, row = neurond("jobs").stdout.splitlines()

    assert row[head.index("RESULT") :].split()[:2] == ["79.09%", "test"]
    assert "73.42%" in row[head.index("BASELINE") :]

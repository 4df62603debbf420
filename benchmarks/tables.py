"""How good models of tables are: the presets beside gradient boosting with its defaults, on the same rows.

A folder holds a folder for each table, `NAME/train.csv` and `NAME/test.csv` with a column `target`: any tables will do.
Split 0 is that of the files; each further one divides all rows anew, in parts of the same sizes. The presets learn as a
job does: the file is read by the product's reader, and the validation part, the preprocessing and the epoch that is
kept are the job's own. Results are written as they come, and a second run adds what is not there.
"""

import argparse
import importlib
import io
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import mean, stdev
from typing import Any, Final

import numpy as np

import nn
from benchmarks.machine import describe
from nn.arrays import AnyArray
from nn.data.prepare import Choices, prepare
from nn.data.readers import READERS
from nn.data.readers.options import ReadOptions
from worker.jobspec import PRESETS, JobSpec
from worker.training.job_data import split_data
from worker.training.trainer import build_model

LEAST: Final = 1e-15
"""The least probability that is taken as it is said."""


@dataclass(frozen=True)
class Fitted:
    """What a contender says of the test rows: (n, classes) probabilities, or (n,) numbers; and one row's latency."""

    said: AnyArray
    seconds: float
    one_row: Callable[[], object]


def ours(preset: str) -> Callable[[nn.Dataset, int], Fitted]:
    """A preset, trained as a job trains it."""

    def fit(data: nn.Dataset, seed: int) -> Fitted:
        spec = JobSpec.model_validate({"dataset": "ds", "preset": preset, "seed": seed}).sized_for(len(data.x_train))
        config = spec.with_task_defaults(data.task).model_dump(mode="json")
        rng = np.random.default_rng(seed)
        begun = time.perf_counter()
        samples = split_data(data, config["training"], rng)
        model = build_model(data, config, rng)
        nn.fit(
            model,
            samples.x,
            samples.y,
            nn.TrainingOptions.of(config["training"]),
            rng=rng,
            validation=samples.validation,
        )
        seconds = time.perf_counter() - begun
        said = model.predict_probabilities if data.task == "classification" else model.predict
        return Fitted(said(data.x_test), seconds, lambda: said(data.x_test[:1]))

    return fit


def rival(module: str, name: str, **options: Any) -> Callable[[nn.Dataset, int], Fitted]:
    """A classifier or regressor with scikit-learn's methods and its own defaults; categories as its makers want."""

    def fit(data: nn.Dataset, seed: int) -> Fitted:
        import pandas as pd

        def frame(x: AnyArray) -> Any:
            table = pd.DataFrame(x, columns=[f"c{place}" for place in range(x.shape[1])])
            for place, column in enumerate(data.columns):
                if column.kind == "categorical":
                    codes = table[f"c{place}"].fillna(-1).astype(int)
                    kinds = pd.CategoricalDtype(range(-1, len(column.categories)))
                    table[f"c{place}"] = codes.astype(str) if name == "CatBoost" else codes.astype(kinds)
            return table

        kind = "Classifier" if data.task == "classification" else "Regressor"
        chosen = dict(options)
        if name == "CatBoost":
            chosen["cat_features"] = [f"c{k}" for k, column in enumerate(data.columns) if column.kind == "categorical"]
        model = getattr(importlib.import_module(module), f"{name}{kind}")(
            **chosen, **{SEEDS.get(name, "random_state"): seed}
        )
        train, test = frame(data.x_train), frame(data.x_test)
        begun = time.perf_counter()
        model.fit(train, data.y_train)
        seconds = time.perf_counter() - begun
        said = model.predict_proba if data.task == "classification" else model.predict
        return Fitted(np.asarray(said(test)), seconds, lambda: said(test[:1]))

    return fit


SEEDS: Final = {"CatBoost": "random_seed"}
RIVALS: Final[dict[str, Callable[[nn.Dataset, int], Fitted]]] = {
    "HistGradientBoosting": rival("sklearn.ensemble", "HistGradientBoosting", categorical_features="from_dtype"),
    "LightGBM": rival("lightgbm", "LGBM", verbose=-1, n_jobs=2),
    "XGBoost": rival("xgboost", "XGB", enable_categorical=True, n_jobs=2),
    "CatBoost": rival("catboost", "CatBoost", verbose=False, thread_count=2, allow_writing_files=False),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which tables, which contenders, how many splits, and where the figures go."""
    parser.add_argument("--tables", type=Path, required=True, help="folder of NAME/train.csv and NAME/test.csv")
    parser.add_argument("--table", action="append", help="this one alone; may be said again")
    parser.add_argument("--preset", action="append", choices=PRESETS, help="default: table-small and table")
    parser.add_argument("--rival", action="append", choices=RIVALS, help="default: all")
    parser.add_argument("--splits", type=int, default=5, help="divisions of the rows (default 5)")
    parser.add_argument("--json", type=Path, default=Path("tables.json"), help="figures, added to as they come")


def run(arguments: argparse.Namespace) -> None:
    """Contenders take turns on each table and split; then the table of all."""
    presets = arguments.preset or ["table-small", "table"]
    contenders = {f"neurond {name}": ours(name) for name in presets}
    contenders |= {name: RIVALS[name] for name in arguments.rival or RIVALS}
    kept: dict[str, Any] = json.loads(arguments.json.read_text("utf-8")) if arguments.json.exists() else {}
    figures = {"command": "python -m benchmarks tables", "machine": describe(), "results": kept.get("results", {})}
    names = arguments.table or sorted(path.parent.name for path in arguments.tables.glob("*/train.csv"))
    for name in names:
        for seed, data in enumerate(divisions(arguments.tables / name, arguments.splits)):
            for contender, fit in contenders.items():
                results = figures["results"].setdefault(name, {}).setdefault(contender, {})
                if str(seed) not in results:
                    results[str(seed)] = scores(fit(data, seed), data)
                    arguments.json.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
                    print(f"{name:14} {contender:22} split {seed}", results[str(seed)], flush=True)
    print("\n".join(table(figures)))


def divisions(folder: Path, splits: int) -> Iterator[nn.Dataset]:
    """The data set of a folder, divided in several ways."""
    parts = [(folder / f"{part}.csv").read_bytes() for part in ("train", "test")]
    whole = parts[0].rstrip(b"\n") + b"\n" + parts[1].partition(b"\n")[2]
    parsed = READERS["csv"]({"file": io.BytesIO(whole)}, ReadOptions())
    data = prepare(parsed, Choices(folder.name, target="target", test_split=0)).dataset
    x, y = data.x_train, data.y_train
    test = round(len(x) * (len(parts[1].splitlines()) - 1) / (len(whole.splitlines()) - 1))
    for seed in range(splits):
        order = np.arange(len(x)) if seed == 0 else np.random.default_rng(seed).permutation(len(x))
        learned, held_out = order[: len(x) - test], order[len(x) - test :]
        yield replace(
            data,
            x_train=x[learned],
            y_train=y[learned],
            x_test=x[held_out],
            y_test=y[held_out],
            rows_train=None,
            rows_test=None,
        )


def scores(fitted: Fitted, data: nn.Dataset) -> dict[str, float]:
    """The error and the loss of what was said, seconds of the fit, and the median milliseconds of one row."""
    y, said = data.y_test, fitted.said
    if data.task == "classification":
        true = np.maximum(said[np.arange(len(y)), y], LEAST)
        found = {"error": float(np.mean(said.argmax(axis=1) != y)), "loss": float(-np.log(true).mean())}
    else:
        rmse = float(np.sqrt(np.mean((said.reshape(-1) - y) ** 2)) / np.std(y))
        found = {"error": rmse, "loss": rmse}
    times = []
    for _ in range(21):
        begun = time.perf_counter()
        fitted.one_row()
        times.append(1000 * (time.perf_counter() - begun))
    return found | {"seconds": round(fitted.seconds, 2), "one_row_ms": round(float(np.median(times)), 3)}


def table(figures: Mapping[str, Any]) -> list[str]:
    """The errors by table, then mean ranks and the mean relative distance of the loss to CatBoost's."""
    results: Mapping[str, Mapping[str, Mapping[str, Any]]] = figures["results"]
    contenders = list(dict.fromkeys(name for by_name in results.values() for name in by_name))
    lines = [f"| error, or RMSE ÷ sd | {' | '.join(contenders)} |", "| --- |" + " ---: |" * len(contenders)]
    for name, by_name in results.items():
        lines.append(f"| {name} | {' | '.join(_spread(by_name.get(c, {})) for c in contenders)} |")
    common = [by_name for by_name in results.values() if set(by_name) == set(contenders)]
    if common:
        for what in ("error", "loss"):
            ranks = [_ranks([_mean(by_name[c], what) for c in contenders]) for by_name in common]
            columns = zip(*ranks, strict=True)
            lines.append(f"| mean rank, {what} | {' | '.join(f'{mean(column):.2f}' for column in columns)} |")
        if "CatBoost" in contenders:
            away = [
                mean(_mean(by_name[c], "loss") / _mean(by_name["CatBoost"], "loss") - 1 for by_name in common)
                for c in contenders
            ]
            lines.append(f"| loss beside CatBoost's | {' | '.join(f'{100 * a:+.1f} %' for a in away)} |")
        for what, title in (("seconds", "seconds of a fit, median"), ("one_row_ms", "one row, ms, median")):
            medians = [float(np.median([_mean(by_name[c], what) for by_name in common])) for c in contenders]
            lines.append(f"| {title} | {' | '.join(f'{number:.2g}' for number in medians)} |")
    return lines


def _mean(by_split: Mapping[str, Mapping[str, float]], what: str) -> float:
    return mean(scores[what] for scores in by_split.values())


def _spread(by_split: Mapping[str, Mapping[str, float]]) -> str:
    errors = [scores["error"] for scores in by_split.values()]
    if not errors:
        return "–"
    spread = f" ± {stdev(errors) / len(errors) ** 0.5:.3f}" if len(errors) > 1 else ""
    return f"{mean(errors):.3f}{spread}"


def _ranks(numbers: Sequence[float]) -> list[float]:
    """1 for the least; equal ones share the mean of their places."""
    order = sorted(numbers)
    return [mean(place + 1 for place, other in enumerate(order) if other == number) for number in numbers]

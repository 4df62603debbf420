"""Who takes part: our presets as a job trains them, and the rivals with their own defaults.

Each gets the same rows and columns. Categories go in as each rival's documentation says: as pandas' `category` where it
splits on them natively, as text for CatBoost, one-hot for the network of scikit-learn.
"""

import hashlib
import json
import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import numpy as np

import nn
from nn.arrays import AnyArray
from nn.data.dataset import Dataset
from worker.jobspec import JobSpec
from worker.runtime.blas_threads import limited_to, threads_for
from worker.training.job_data import generators, split_data
from worker.training.trainer import build_model, multiplications

ROOT: Final = Path(__file__).parent.parent.parent
LEARNING: Final = ("nn", "worker/jobspec", "worker/training")
"""The folders whose sources decide how a job learns."""

MOST_BINS: Final = 255
"""The most categories of a column that HistGradientBoosting takes as such."""


@dataclass(frozen=True)
class Fitted:
    """What is said of the test rows: (n, classes) probabilities, or (n,) numbers. `one_row(i)` asks of one."""

    said: AnyArray
    seconds: float
    one_row: Callable[[int], object]


@dataclass(frozen=True)
class Contender:
    """`identity` says what was measured: a figure of another identity is not taken for this contender's."""

    identity: Callable[[Dataset, int], str]
    fit: Callable[[Dataset, int, int], Fitted]
    """(data, seed, threads) → what it says."""


def ours(preset: str) -> Contender:
    """A preset, trained as a job of this seed trains it."""

    def identity(data: Dataset, threads: int) -> str:
        spec = hashlib.sha256(json.dumps(_config(preset, data, 0), sort_keys=True).encode()).hexdigest()[:8]
        return f"spec {spec}, sources {_sources()}, numpy {version('numpy')}, {threads} threads"

    def fit(data: Dataset, seed: int, threads: int) -> Fitted:
        config = _config(preset, data, seed)
        plan = config["training"]
        begun = time.perf_counter()
        dividing, initialising, training = generators(seed)
        samples = split_data(data, plan, dividing)
        model = build_model(data, config, initialising)
        with limited_to(threads_for(multiplications(model, None), plan["batch_size"], threads)):
            nn.fit(
                model,
                samples.x,
                samples.y,
                nn.TrainingOptions.of(plan),
                validation=samples.validation,
                rng=training,
            )
        seconds = time.perf_counter() - begun
        said = model.predict_probabilities if data.task == "classification" else model.predict
        return Fitted(said(data.x_test), seconds, lambda row: said(data.x_test[row : row + 1]))

    return Contender(identity, fit)


def _config(preset: str, data: Dataset, seed: int) -> dict[str, Any]:
    """The job's config, as the API would keep it."""
    spec = JobSpec.model_validate({"dataset": data.name, "preset": preset, "seed": seed})
    return spec.sized_for(len(data.x_train)).with_task_defaults(data.task).model_dump(mode="json")


@cache
def _sources() -> str:
    """The sources of what learns, as a hash."""
    files = sorted(
        file for folder in LEARNING for ending in ("py", "json") for file in (ROOT / folder).rglob(f"*.{ending}")
    )
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:8]


Make = Callable[[Dataset, int, int], Any]
"""(data, seed, threads) → an estimator with scikit-learn's methods."""


def rival(package: str, make: Make, frame: Callable[[Dataset, AnyArray], Any]) -> Contender:
    """An estimator of this package, and the table that it is given."""

    def fit(data: Dataset, seed: int, threads: int) -> Fitted:
        model = make(data, seed, threads)
        train, test = frame(data, data.x_train), frame(data, data.x_test)
        classes, targets = data.y_train, data.y_train
        if data.task == "classification":
            # A class may be lacking in one division; XGBoost wants the others numbered without a gap.
            classes, targets = np.unique(data.y_train, return_inverse=True)
        begun = time.perf_counter()
        model.fit(train, targets)
        seconds = time.perf_counter() - begun
        if data.task != "classification":
            return Fitted(np.asarray(model.predict(test)), seconds, lambda row: model.predict(test[row : row + 1]))
        said = np.zeros((len(data.x_test), len(data.classes)))
        said[:, classes] = model.predict_proba(test)
        return Fitted(said, seconds, lambda row: model.predict_proba(test[row : row + 1]))

    return Contender(lambda _, threads: f"{package} {version(package)}, {threads} threads", fit)


def _class(module: str, name: str, data: Dataset) -> Any:
    return getattr(import_module(module), name + ("Classifier" if data.task == "classification" else "Regressor"))


def _frame(data: Dataset, x: AnyArray, categories: Callable[[AnyArray, int], Any]) -> Any:
    """(n, columns) numbers as a pandas table; `categories(codes, how many)` makes those that are categories.

    A code is -1 where the value is missing.
    """
    import pandas

    columns: dict[str, Any] = {}
    for place, column in enumerate(data.columns):
        values = x[:, place]
        if column.kind == "categorical":
            values = categories(np.where(np.isnan(values), -1, values).astype(int), len(column.categories))
        columns[f"c{place}"] = values
    return pandas.DataFrame(columns)


def _category(codes: AnyArray, count: int) -> Any:
    import pandas

    return pandas.Categorical.from_codes(codes, categories=np.arange(count))


def _category_or_number(codes: AnyArray, count: int) -> Any:
    """Beyond its limit scikit-learn's guide says: encode them as numbers."""
    return _category(codes, count) if count <= MOST_BINS else np.where(codes < 0, np.nan, codes.astype(float))


def _text(codes: AnyArray, count: int) -> Any:
    """CatBoost takes categories as text or whole numbers; a missing one is one more."""
    return codes.astype(str).astype(object)


def _categorical(data: Dataset) -> list[str]:
    return [f"c{place}" for place, column in enumerate(data.columns) if column.kind == "categorical"]


def _histogram(data: Dataset, seed: int, threads: int) -> Any:
    return _class("sklearn.ensemble", "HistGradientBoosting", data)(random_state=seed)


def _lightgbm(data: Dataset, seed: int, threads: int) -> Any:
    return _class("lightgbm", "LGBM", data)(random_state=seed, n_jobs=threads, verbose=-1)


def _xgboost(data: Dataset, seed: int, threads: int) -> Any:
    return _class("xgboost", "XGB", data)(random_state=seed, n_jobs=threads, enable_categorical=True)


def _catboost(data: Dataset, seed: int, threads: int) -> Any:
    return _class("catboost", "CatBoost", data)(
        random_seed=seed,
        thread_count=threads,
        cat_features=_categorical(data),
        verbose=False,
        allow_writing_files=False,
    )


def _network(data: Dataset, seed: int, threads: int) -> Any:
    """As scikit-learn's guide says: numbers scaled, categories one-hot, numbers to be told scaled too."""
    from sklearn.compose import TransformedTargetRegressor, make_column_transformer
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    # Its 200 epochs are its default, and what is compared.
    warnings.filterwarnings("ignore", category=ConvergenceWarning)
    categorical = _categorical(data)
    numeric = [name for name in (f"c{place}" for place in range(len(data.columns))) if name not in categorical]
    columns = make_column_transformer(
        (make_pipeline(SimpleImputer(strategy="median", keep_empty_features=True), StandardScaler()), numeric),
        (OneHotEncoder(handle_unknown="ignore"), categorical),
    )
    model = make_pipeline(columns, _class("sklearn.neural_network", "MLP", data)(random_state=seed))
    if data.task == "classification":
        return model
    return TransformedTargetRegressor(model, transformer=StandardScaler())


RIVALS: Final[Mapping[str, Contender]] = {
    "HistGradientBoosting": rival("scikit-learn", _histogram, lambda data, x: _frame(data, x, _category_or_number)),
    "LightGBM": rival("lightgbm", _lightgbm, lambda data, x: _frame(data, x, _category)),
    "XGBoost": rival("xgboost", _xgboost, lambda data, x: _frame(data, x, _category)),
    "CatBoost": rival("catboost", _catboost, lambda data, x: _frame(data, x, _text)),
    "MLP of scikit-learn": rival("scikit-learn", _network, lambda data, x: _frame(data, x, _text)),
}

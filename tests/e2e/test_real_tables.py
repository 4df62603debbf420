"""Tables that no one here made: each row of a file is answered in the first request, and alike in every way.

JSON takes the rows as `pandas.read_csv(…).to_dict("records")` has them, NaN as null, with all of their columns; the
command line and a whole data set take the file. All answers are equal to the bit.
"""

import io
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from api.local.stack import Stack
from benchmarks.faults.service import NEUROND
from tests.support.clock import wait_until
from tests.support.needs import module

pytestmark = [pytest.mark.peers, pytest.mark.timeout(600)]

pd, sklearn = module("pandas"), module("sklearn.datasets")


def plain(name: str) -> Any:
    """A table of scikit-learn, all of it numbers."""
    return getattr(sklearn, f"load_{name}")(as_frame=True).frame.sample(frac=1, random_state=0, ignore_index=True)


def described() -> Any:
    """Wine with words, truth values, days, whole numbers that miss some, and an identifier: as tables of people are."""
    frame = plain("wine")
    rng = np.random.default_rng(0)
    strong = pd.cut(frame.alcohol, [0, 12.5, 13.5, 20], labels=["light", "medium", "NA strong"])
    return pd.DataFrame(
        {
            "bottle": [f"no. {number:05}" for number in rng.permutation(len(frame))],
            "strength": strong.astype(str).where(rng.random(len(frame)) < 0.9),
            "dark": frame.color_intensity > 5,
            "picked": pd.to_datetime("1970-09-01") + pd.to_timedelta(rng.integers(0, 20, len(frame)), unit="D"),
            "magnesium": frame.magnesium.where(rng.random(len(frame)) < 0.8).astype("Int64"),
            "zip": rng.choice(["00184", "10121", "01240"], len(frame)),
            "price": (frame.proline * 3).round(2),
            "cultivar": frame.target.map({0: "Barolo", 1: "Grignolino ", 2: "Barbera"}),
        }
    )


def unseen() -> Any:
    """The same, with words in the last rows that the first ones do not have."""
    frame = described()
    frame.loc[frame.index[-3:], "strength"] = ["fortified", " light", "fortified"]
    return frame


TABLES = {
    "iris": (lambda: plain("iris"), "target"),
    "wine": (lambda: plain("wine"), "target"),
    "breast_cancer": (lambda: plain("breast_cancer"), "target"),
    "diabetes": (lambda: plain("diabetes"), "target"),
    "linnerud": (lambda: plain("linnerud"), "Weight"),
    "described": (described, "cultivar"),
    "unseen": (unseen, "cultivar"),
}


class Service:
    """What is sent to the service, by name of its calls."""

    def __init__(self, http: httpx.Client) -> None:
        self.http = http

    def send(self, path: str, **body: Any) -> dict[str, Any]:
        response = self.http.post(path, **body)
        assert response.is_success, response.text
        where = response.headers["Location"]
        wait_until(lambda: self.http.get(where).json()["status"] not in ("queued", "running", "processing"), 120)
        done: dict[str, Any] = self.http.get(where).json()
        assert done["status"] in ("ready", "succeeded"), done["error"]
        return done

    def upload(self, file: Path, **says: str) -> str:
        return str(self.send("/v1/datasets", content=file.read_bytes(), params=says)["id"])

    def whole(self, model: str, dataset: str, **says: str) -> tuple[np.ndarray, np.ndarray]:
        """(the rows' numbers, the outputs) of a whole data set."""
        done = self.send("/v1/predictions", json={"model": model, "dataset": dataset, "format": "npz", **says})
        arrays = np.load(io.BytesIO(self.http.get(done["urls"]["result"]).content))
        return arrays["rows"], arrays["probabilities" if "probabilities" in arrays else "predictions"]

    def by_command(self, model: str, file: Path) -> np.ndarray:
        command = [*NEUROND, "predict", model, str(file), "--json"]
        environment = os.environ | {"NEUROND_URL": str(self.http.base_url)}
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return outputs(json.loads(done.stdout))


@pytest.fixture
def service(stack: Stack) -> Iterator[Service]:
    with httpx.Client(base_url=stack.url, timeout=60) as http:
        yield Service(http)


def outputs(answer: dict[str, Any]) -> np.ndarray:
    return np.array(answer.get("probabilities") or answer["predictions"])


@pytest.mark.parametrize("name", TABLES)
def test_every_row_is_answered_and_alike_in_every_way(service: Service, tmp_path: Path, name: str) -> None:
    make, target = TABLES[name]
    frame = make()
    first = len(frame) * 3 // 4
    train, test = tmp_path / "train.csv", tmp_path / "test.csv"
    frame[:first].to_csv(train, index=False)
    frame[first:].to_csv(test, index=False)
    learned = service.upload(train, target=target)
    plan = {"dataset": learned, "preset": "table", "seed": 1, "training": {"epochs": 3}}
    model = service.send("/v1/jobs", json=plan)["model_id"]

    rows = pd.read_csv(test).to_dict("records")
    records = [{column: None if pd.isna(value) else value for column, value in row.items()} for row in rows]
    answer = service.http.post(f"/v1/models/{model}/predictions", json={"inputs": records})
    assert answer.status_code == 200, answer.text
    expected = outputs(answer.json())

    assert len(expected) == len(rows)
    np.testing.assert_array_equal(service.by_command(model, test), expected)
    for dataset, says in (
        (service.upload(test, purpose="prediction"), {}),
        (service.upload(test, target=target), {"split": "all"}),
    ):
        numbers, found = service.whole(model, dataset, **says)
        np.testing.assert_array_equal(numbers, np.arange(1, len(rows) + 1))
        np.testing.assert_array_equal(found.reshape(expected.shape), expected.astype(found.dtype))
    noted = {(note["column"], note["value"]): note["rows"] for note in answer.json()["notes"]}
    assert (noted.get(("strength", "fortified")) == 2) == (name == "unseen")

"""A user brings data: upload, train, predict, delete, over HTTP against the whole service."""

from collections.abc import Iterator

import httpx
import pytest

from api.local.stack import Stack
from tests.e2e.conftest import wait_until

SHOP = "size,kind,price\n" + "".join(f"{n % 17},{'abc'[n % 3]},{(n % 17) * (n % 3 + 1)}.5\n" for n in range(300))


@pytest.fixture
def http(stack: Stack) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=stack.url, timeout=30) as client:
        yield client


def finished(http: httpx.Client, url: str, *pending: str) -> dict:
    wait_until(lambda: http.get(url).json()["status"] not in pending)
    return http.get(url).json()


def test_a_table_with_names_and_missing_values_is_uploaded_trained_on_and_asked(http: httpx.Client) -> None:
    data = SHOP + ",a,1.5\n3,,2.5\n"

    upload = http.post("/v1/datasets", content=data, params={"name": "shop"})
    dataset = finished(http, upload.headers["Location"], "processing")

    assert dataset["status"] == "ready", dataset["error"]
    assert (dataset["task"], dataset["target"], dataset["missing"]) == ("regression", "price", 2)
    plan = {"epochs": 60, "batch_size": 16, "optimizer": {"name": "adam", "learning_rate": 0.01}}
    submitted = http.post("/v1/jobs", json={"dataset": dataset["id"], "seed": 1, "training": plan})
    refused = http.delete(dataset["urls"]["self"])
    job = finished(http, submitted.headers["Location"], "queued", "running")
    assert refused.status_code == 409
    assert job["status"] == "succeeded", job["error"]
    assert job["metrics"]["test_r2"] > 0.98

    url = f"/v1/models/{job['model_id']}/predictions"
    rows = [[5, "b"], [5, None], [None, "b"]]
    named = [{"size": size, "kind": kind} for size, kind in rows]
    by_place, by_name = (http.post(url, json={"inputs": asked}).json()["predictions"] for asked in (rows, named))
    assert by_place == by_name
    assert abs(by_place[0] - 10.5) < 3
    assert http.post(url, json={"inputs": [[5, "z"]]}).status_code == 422
    assert http.delete(dataset["urls"]["self"]).status_code == 204
    assert http.get(f"/v1/models/{job['model_id']}").status_code == 200

"""A user brings data: upload, train, predict, delete, over HTTP against the whole service."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import pytest
from click.testing import CliRunner

from api.cli import main
from api.local.stack import Stack
from neurond import Client
from tests.support.clock import wait_until

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
    assert http.post(url, json={"inputs": [[5, "z"]], "unknown": "refuse"}).status_code == 422
    assert http.delete(dataset["urls"]["self"]).status_code == 204
    assert http.get(f"/v1/models/{job['model_id']}").status_code == 200


def test_a_file_that_was_read_wrong_is_read_again_without_a_second_upload(
    stack: Stack, folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "shop.csv").write_text(SHOP)
    uploads = folder / "blobs" / "uploads"
    with Client(stack.url) as client:
        failed = client.upload(tmp_path / "shop.csv", target="colour").wait()

        ready = failed.read_again(target="price", categorical=["size"]).wait()
        client.delete_dataset(failed.id)
        third = client.read_again(ready.id, target="kind").wait()

        assert (failed.status, ready.status, third.status) == ("failed", "ready", "ready"), (ready.error, third.error)
        assert [column.kind for column in ready.columns] == ["categorical", "categorical"]
        assert (third.target, third.columns[0].kind, third.upload) == ("kind", "categorical", failed.id)
        assert (uploads / failed.id).is_dir()
        assert not {ready.id, third.id} & {path.name for path in uploads.iterdir()}
        for dataset in (ready, third):
            client.delete_dataset(dataset.id)
        assert not (uploads / failed.id).exists()


def test_several_targets_a_row_come_back_as_lists_in_client_and_command_line(stack: Stack, tmp_path: Path) -> None:
    x = np.arange(60.0).reshape(20, 3)
    np.savez(tmp_path / "two.npz", x=x, y=x[:, :2] * 2 + 1)
    np.save(tmp_path / "rows.npy", x[:2])
    with Client(stack.url) as client:
        dataset = client.upload(tmp_path / "two.npz").wait()
        *_, job = client.follow(client.submit({"dataset": dataset.id, "training": {"epochs": 2}})["id"])

        answer = client.predict(job["model_id"], x[:2].tolist())

    said = CliRunner().invoke(main, ["predict", job["model_id"], str(tmp_path / "rows.npy"), "--url", stack.url])
    assert [len(values) for values in answer.predictions] == [2, 2]
    assert said.exit_code == 0, said.output
    assert all(f"{value:.6g}" in said.output for values in answer.predictions for value in values)


def test_a_rare_class_is_found_more_often_where_classes_are_balanced_and_others_are_taken_for_it(
    http: httpx.Client,
) -> None:
    rng = np.random.default_rng(0)
    rare = rng.random(4000) < 0.02
    x = rng.standard_normal((4000, 2)) + 1.5 * rare[:, None]
    rows = "".join(
        f"{a:.4f},{b:.4f},{'fraud' if is_rare else 'fine'}\n" for (a, b), is_rare in zip(x, rare, strict=True)
    )
    url = http.post("/v1/datasets", content="a,b,kind\n" + rows).headers["Location"]
    dataset = finished(http, url, "processing")["id"]

    def matrix(asked: object) -> np.ndarray:
        plan = {"epochs": 10, "optimizer": {"name": "adam", "learning_rate": 0.01}, "class_weights": asked}
        spec = {"dataset": dataset, "seed": 1, "model": {"hidden_layers": [16]}, "training": plan}
        submitted = http.post("/v1/jobs", json=spec)
        assert submitted.status_code == 202, submitted.text
        job = finished(http, submitted.headers["Location"], "queued", "running")
        assert job["status"] == "succeeded", job["error"]
        assert job["config"]["training"]["class_weights"] == asked
        return np.array(http.get(f"/v1/models/{job['model_id']}").json()["evaluation"]["confusion"])

    plain, balanced, named = matrix(None), matrix("balanced"), matrix({"fraud": 20.0})

    for weighted in (balanced, named):
        assert weighted[1, 1] / weighted[1].sum() > plain[1, 1] / plain[1].sum() + 0.3
        assert weighted[0, 1] > plain[0, 1]
    wrong = {"dataset": dataset, "training": {"class_weights": {"theft": 2.0}}}
    [error] = http.post("/v1/jobs", json=wrong).json()["errors"]
    assert (error["pointer"], "'fine', 'fraud'" in error["detail"]) == ("#/training/class_weights", True)

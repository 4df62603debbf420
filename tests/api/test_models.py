import io
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.support.builders.datasets import ready
from tests.support.builders.requests import SentWakeUps
from worker.settings import Settings
from worker.store import Store, models
from worker.store.blobs import export_path, growth_path

FORM = "multipart/form-data"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(blob_url=f"file://{tmp_path}", errand_seconds=2)


def add(
    store: Store, model_id: str = "model_1", name: str | None = "my digits/2", growth: list[int] | None = None
) -> str:
    record = models.describe(
        name=name,
        job_id=None,
        dataset=None,
        task="regression",
        classes=[],
        architecture={},
        metrics={},
        sha256="0" * 64,
        size_bytes=7,
        growth=growth,
    )
    store.models.add(model_id, record)
    store.blobs.put(export_path(model_id, "safetensors"), b"weights")
    return model_id


def test_a_list_leaves_out_what_is_long_and_says_so(client: FlaskClient, store: Store) -> None:
    columns = [{"name": f"column {number}", "kind": "numeric"} for number in range(1000)]
    architecture = {"input_shape": [1000], "preprocessing": {"columns": columns}}
    facts = {"name": None, "job_id": None, "dataset": None, "task": "classification", "metrics": {}, "sha256": ""}
    store.models.add(
        "model_long", models.describe(**facts, classes=["a", "b"], architecture=architecture, size_bytes=1)
    )
    add(store, "model_short")

    listed = {entry["id"]: entry for entry in client.get("/v1/models").json["data"]}
    whole = {name: client.get(f"/v1/models/{name}").json for name in listed}

    assert listed["model_short"] == whole["model_short"]
    assert (listed["model_long"]["abridged"], listed["model_long"]["class_count"]) == (True, 2)
    assert (listed["model_long"]["classes"], listed["model_long"]["architecture"]) == ([], {"input_shape": [1000]})
    assert (whole["model_long"]["abridged"], whole["model_long"]["classes"]) == (False, ["a", "b"])
    assert whole["model_long"]["architecture"] == architecture


def test_models_and_data_sets_are_found_by_their_names(client: FlaskClient, store: Store) -> None:
    made = [add(store, f"model_{number}", name) for number, name in enumerate(("shop", "other", "shop"))]
    tables = [ready(store, identifier) for identifier in ("ds_1", "ds_2")]

    def found(path: str) -> list[str]:
        return [one["id"] for one in client.get(path).json["data"]]

    assert found("/v1/models?name=shop") == [made[2], made[0]]
    assert found("/v1/models?name=shop&limit=1") == [made[2]]
    assert found(f"/v1/models?name=shop&after={made[2]}") == [made[0]]
    assert found("/v1/models?name=sho") == []
    assert found("/v1/datasets?name=shop") == tables[::-1]
    assert found("/v1/datasets?name=mnist") == ["mnist"]
    assert found("/v1/datasets?name=mnist&after=mnist") == []


@pytest.fixture
def worker(store: Store, queue: SentWakeUps) -> Iterator[Callable[[Callable[[dict], dict]], list[dict]]]:
    """Stands where a files worker stands: does each errand with the function that the test gives."""
    done: list[dict] = []
    threads: list[threading.Thread] = []

    def start(do: Callable[[dict], dict]) -> list[dict]:
        def send(errand_id: str) -> None:
            def work() -> None:
                errand = store.errands.take(errand_id)
                assert errand is not None
                done.append(errand)
                store.errands.answer(errand_id, do(errand))

            threads.append(threading.Thread(target=work))
            threads[-1].start()

        queue.send_errand = send  # type: ignore[method-assign]
        return done

    yield start
    for thread in threads:
        thread.join()


def blobs_of(store: Store) -> list[str]:
    return sorted(path for path, _ in store.blobs.list(""))


def test_the_stored_file_is_exported_as_it_is(client: FlaskClient, store: Store, queue: SentWakeUps) -> None:
    url = f"/v1/models/{add(store)}/export"

    exported = client.get(url)
    again = client.get(url, headers={"If-None-Match": exported.headers["ETag"]})

    assert exported.data == b"weights"
    assert exported.headers["Content-Length"] == "7"
    assert exported.headers["Content-Disposition"] == 'attachment; filename="my-digits-2.safetensors"'
    assert (again.status_code, again.data) == (304, b"")
    assert queue.errands == []


def test_another_format_is_written_once_by_a_worker(client: FlaskClient, store: Store, worker: Any) -> None:
    url = f"/v1/models/{add(store, name=None)}/export?format=npz"

    def convert(errand: dict) -> dict:
        store.blobs.put(export_path(errand["model_id"], errand["format"]), b"npz")
        return {}

    done = worker(convert)
    first, second = client.get(url), client.get(url)

    assert (first.data, second.data) == (b"npz", b"npz")
    assert done == [{"do": "convert", "model_id": "model_1", "format": "npz"}]
    assert first.headers["ETag"] != client.get("/v1/models/model_1/export").headers["ETag"]


def test_an_alias_is_exported_as_what_it_stands_for_now(client: FlaskClient, store: Store) -> None:
    store.aliases.point("digits", add(store))
    first = client.get("/v1/models/digits/export")
    store.aliases.point("digits", add(store, "model_2"))

    second = client.get("/v1/models/digits/export", headers={"If-None-Match": first.headers["ETag"]})

    assert second.status_code == 200


def test_a_format_that_no_worker_can_write_is_422_and_one_that_none_writes_in_time_504(
    client: FlaskClient, store: Store, worker: Any, queue: SentWakeUps
) -> None:
    add(store)
    nobody = client.get("/v1/models/model_1/export?format=npz")
    woken = len(queue.errands)
    worker(lambda _: {"error": {"code": "invalid_data", "message": "layers: expected some that ONNX has"}})
    refused = client.get("/v1/models/model_1/export?format=onnx")

    assert nobody.status_code == 504
    assert woken >= 1
    assert [key for key in store.redis.scan_iter() if b"errand" in key] == []
    assert refused.status_code == 422
    assert refused.json["errors"] == [{"pointer": "?format", "detail": "layers: expected some that ONNX has"}]
    assert client.get("/v1/models/model_1/export?format=pickle").status_code == 422
    assert client.get("/v1/models/model_9/export").status_code == 404


def test_how_the_first_layer_grew_is_told_where_it_was_kept(client: FlaskClient, store: Store) -> None:
    add(store, growth=[0, 1, 2])
    store.blobs.put(growth_path("model_1"), b"copies")
    add(store, "model_2")

    told = client.get("/v1/models/model_1/growth")

    assert client.get("/v1/models/model_1").json["growth"] == [0, 1, 2]
    assert told.data == b"copies"
    assert client.get("/v1/models/model_1/growth", headers={"If-None-Match": told.headers["ETag"]}).status_code == 304
    assert client.get("/v1/models/model_2/growth").status_code == 404


def test_a_deleted_model_leaves_no_file_in_any_format(client: FlaskClient, store: Store) -> None:
    add(store)
    store.blobs.put(export_path("model_1", "onnx"), b"graph")
    store.blobs.put(growth_path("model_1"), b"copies")
    store.aliases.point("digits", "model_1")

    refused = client.delete("/v1/models/model_1")
    client.delete("/v1/aliases/digits")
    deleted = client.delete("/v1/models/model_1")

    assert refused.status_code == 409
    assert "'digits'" in refused.json["detail"]
    assert (deleted.status_code, blobs_of(store)) == (204, [])
    assert client.get("/v1/models/model_1").status_code == 404
    assert client.delete("/v1/models/model_1").status_code == 404


def test_an_import_is_checked_by_a_worker_and_then_a_model(client: FlaskClient, store: Store, worker: Any) -> None:
    def keep(errand: dict) -> dict:
        add(store, errand["model_id"], errand["name"])
        return {"model_id": errand["model_id"]}

    done = worker(keep)
    architecture = {"input_shape": [2], "layers": [{"type": "dense", "units": 1}]}
    form = {"file": (io.BytesIO(b"tensors"), "net.safetensors"), "architecture": json.dumps(architecture)}

    raw = client.post("/v1/models?name=mine", data=b"tensors")
    formed = client.post("/v1/models", data=form, content_type=FORM)

    assert (raw.status_code, formed.status_code) == (201, 201)
    assert raw.headers["Location"] == f"/v1/models/{raw.json['id']}"
    assert (raw.json["name"], raw.json["job_id"], raw.json["urls"]["job"]) == ("mine", None, None)
    assert formed.json["name"] == "net.safetensors"
    assert [errand["architecture"] for errand in done] == [None, architecture]
    assert [path for path in blobs_of(store) if path.startswith("uploads")] == []


def test_an_import_that_cannot_be_used_says_why_and_leaves_nothing(
    client: FlaskClient, store: Store, worker: Any
) -> None:
    worker(lambda _: {"error": {"code": "invalid_data", "message": "0.weight: expected shape (1, 2), got (2, 2)"}})
    bad_form = {"file": (io.BytesIO(b"tensors"), "x"), "architecture": "{"}

    refused = client.post("/v1/models", data=b"tensors")
    no_json = client.post("/v1/models", data=bad_form, content_type=FORM)
    empty = client.post("/v1/models", data=b"")

    assert refused.status_code == 422
    assert refused.json["errors"] == [{"pointer": "#", "detail": "0.weight: expected shape (1, 2), got (2, 2)"}]
    assert no_json.json["errors"][0]["pointer"] == "#/architecture"
    assert empty.status_code == 400
    assert blobs_of(store) == []
    assert client.get("/v1/models").json["data"] == []

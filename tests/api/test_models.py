import io
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.support.builders.datasets import ready
from tests.support.builders.models import write
from tests.support.builders.requests import SentWakeUps
from worker.settings import Settings
from worker.store import Store, keys, models
from worker.store.blobs import export_path, growth_path, model_path
from worker.store.uploads import imported_as
from worker.store.work_records import WorkRecord
from worker.work import on
from worker.work.kind import MODELS
from worker.work.outcome import Done

FORM = "multipart/form-data"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(blob_url=f"file://{tmp_path}", import_export_seconds=2)


def described(name: str | None, growth: list[int] | None = None) -> dict[str, str]:
    return models.describe(
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


def add(
    store: Store, model_id: str = "model_1", name: str | None = "my digits/2", growth: list[int] | None = None
) -> str:
    write(store, model_id, described(name, growth))
    store.blobs.put(export_path(model_id, "safetensors"), b"weights")
    return model_id


def test_a_list_leaves_out_what_is_long_and_says_so(client: FlaskClient, store: Store) -> None:
    columns = [{"name": f"column {number}", "kind": "numeric"} for number in range(1000)]
    architecture = {"input_shape": [1000], "preprocessing": {"columns": columns}}
    facts = {"name": None, "job_id": None, "dataset": None, "task": "classification", "metrics": {}, "sha256": ""}
    write(store, "model_long", models.describe(**facts, classes=["a", "b"], architecture=architecture, size_bytes=1))
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
def worker(store: Store, queue: SentWakeUps) -> Iterator[Callable[[Callable[[WorkRecord], Any]], list[dict]]]:
    """Stands where a models worker stands: ends each record with what the test's function says, or fails with it."""
    done: list[dict] = []
    threads: list[threading.Thread] = []

    def start(do: Callable[[WorkRecord], Done | dict]) -> list[dict]:
        def work() -> None:
            for kind in on(MODELS):
                records: Any = store.records(kind)
                if claim := records.claim("w", 60_000):
                    done.append(claim.record.request)
                    said = do(claim.record)
                    records.done(claim, said) if isinstance(said, Done) else records.end(claim, "failed", error=said)

        def send(name: str) -> None:
            assert name == MODELS
            threads.append(threading.Thread(target=work))
            threads[-1].start()

        queue.send_work = send  # type: ignore[method-assign]
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
    assert not queue.work


def test_another_format_is_written_once_by_a_worker(client: FlaskClient, store: Store, worker: Any) -> None:
    url = f"/v1/models/{add(store, name=None)}/export?format=npz"

    def convert(record: WorkRecord) -> Done:
        store.blobs.put(export_path(record.request["model_id"], record.request["format"]), b"npz")
        return Done({})

    done = worker(convert)
    first, second = client.get(url), client.get(url)

    assert (first.data, second.data) == (b"npz", b"npz")
    assert done == [{"model_id": "model_1", "format": "npz"}]
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
    woken = queue.work[MODELS]
    [given_up] = store.records(keys.MODEL_EXPORT).page(limit=2).data
    worker(lambda _: {"code": "invalid_data", "message": "layers: expected some that ONNX has"})
    refused = client.get("/v1/models/model_1/export?format=onnx")

    assert nobody.status_code == 504
    assert "'neurond worker models'" in nobody.json["detail"]
    assert woken == 1
    assert given_up.status == "cancelled"
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
    def keep(record: WorkRecord) -> Done:
        name = record.request["name"]
        store.blobs.put(model_path(imported_as(record.id)), b"weights")
        return Done({"model_id": imported_as(record.id)}, model=described(name))

    done = worker(keep)
    architecture = {"input_shape": [2], "layers": [{"type": "dense", "units": 1}]}
    form = {"file": (io.BytesIO(b"tensors"), "net.safetensors"), "architecture": json.dumps(architecture)}

    raw = client.post("/v1/models?name=mine", data=b"tensors")
    formed = client.post("/v1/models", data=form, content_type=FORM)

    assert (raw.status_code, formed.status_code) == (201, 201)
    assert raw.headers["Location"] == f"/v1/models/{raw.json['id']}"
    assert (raw.json["name"], raw.json["job_id"], raw.json["urls"]["job"]) == ("mine", None, None)
    assert formed.json["name"] == "net.safetensors"
    assert [request["architecture"] for request in done] == [None, architecture]
    assert [path for path in blobs_of(store) if path.startswith("uploads")] == []


def test_an_import_that_cannot_be_used_says_why_and_leaves_nothing(
    client: FlaskClient, store: Store, worker: Any
) -> None:
    worker(lambda _: {"code": "invalid_data", "message": "0.weight: expected shape (1, 2), got (2, 2)"})
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


def test_an_import_that_nobody_did_in_time_is_given_up(client: FlaskClient, store: Store) -> None:
    response = client.post("/v1/models", data=b"tensors")

    [record] = store.records(keys.MODEL_IMPORT).page(limit=2).data
    assert (response.status_code, record.status) == (504, "cancelled")
    assert blobs_of(store) == []


def test_an_import_that_goes_on_when_nobody_waits_any_more_is_told_to_end_and_keeps_its_file(
    client: FlaskClient, store: Store, queue: SentWakeUps
) -> None:
    claims = []
    queue.send_work = lambda _: claims.append(store.records(keys.MODEL_IMPORT).claim("w", 60_000))  # type: ignore[method-assign]

    response = client.post("/v1/models", data=b"tensors")

    assert response.status_code == 504
    assert store.records(keys.MODEL_IMPORT).renew(claims[0], 60_000), "it is told"
    assert len(blobs_of(store)) == 1


@pytest.mark.parametrize(
    ("code", "status"), [("too_large", 422), ("internal_error", 500), ("worker_lost", 500), ("storage_failed", 503)]
)
def test_what_the_service_could_not_do_is_no_fault_of_the_file(
    client: FlaskClient, worker: Any, code: str, status: int
) -> None:
    worker(lambda _: {"code": code, "message": "why"})

    assert client.post("/v1/models", data=b"tensors").status_code == status


def test_an_export_of_a_model_that_is_deleted_meanwhile_is_404(client: FlaskClient, store: Store, worker: Any) -> None:
    url = f"/v1/models/{add(store)}/export?format=npz"

    def find_it_gone(_: WorkRecord) -> dict:
        store.models.delete("model_1")
        return {"code": "model_not_found", "message": "the model is gone"}

    worker(find_it_gone)

    assert client.get(url).status_code == 404


def test_what_somebody_waits_for_has_no_calls_of_its_own(client: FlaskClient) -> None:
    assert client.get("/v1/model_imports").status_code == 404
    assert client.post("/v1/model_exports", json={"model_id": "model_1", "format": "npz"}).status_code == 404

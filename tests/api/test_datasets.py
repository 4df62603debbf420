import hashlib
import io
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from kombu.exceptions import OperationalError

from tests.support.builders.datasets import FILE, ready
from tests.support.builders.requests import SentWakeUps
from worker.jobspec.dataset import DatasetSpec
from worker.settings import Settings
from worker.store import Store, keys

CSV = b"a,b\n1,2\n"
FORM = "multipart/form-data"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(blob_url=f"file://{tmp_path}", max_upload_bytes=10_000)


def blobs_of(store: Store) -> list[str]:
    return sorted(path for path, _ in store.blobs.list(""))


def test_a_raw_body_is_kept_recorded_and_its_worker_woken(
    client: FlaskClient, store: Store, queue: SentWakeUps
) -> None:
    response = client.post("/v1/datasets?name=shop&target=b&header=yes", data=CSV)

    dataset = response.json
    assert response.status_code == 202
    assert response.headers["Location"] == dataset["urls"]["self"] == f"/v1/datasets/{dataset['id']}"
    assert (dataset["status"], dataset["name"]) == ("processing", "shop")
    [file] = dataset["files"]
    assert (file["field"], file["size_bytes"]) == ("file", 8)
    assert file["sha256"] == hashlib.sha256(CSV).hexdigest()
    assert queue.work["files"] == 1
    record = store.datasets.get(dataset["id"])
    assert (record.spec["target"], record.spec["header"], record.spec["test_split"]) == ("b", True, 0.2)
    assert blobs_of(store) == [f"uploads/{dataset['id']}/file.000000"]


def test_a_form_may_hold_several_files_and_say_what_the_query_may(client: FlaskClient, store: Store) -> None:
    form = {
        "file": (io.BytesIO(b"\0\0\x08\x03images"), "../../../etc/passwd"),
        "task": "classification",
        "labels": (io.BytesIO(b"\0\0\x08\x01labels"), "labels.idx"),
        "name": "digits",
    }

    dataset = client.post("/v1/datasets", data=form, content_type=FORM).json

    assert [(file["field"], file["size_bytes"]) for file in dataset["files"]] == [("file", 10), ("labels", 10)]
    assert dataset["name"] == "digits"
    assert store.datasets.get(dataset["id"]).spec["task"] == "classification"
    assert blobs_of(store) == [f"uploads/{dataset['id']}/{field}.000000" for field in ("file", "labels")]


@pytest.mark.parametrize(
    ("url", "data", "content_type", "status", "detail"),
    [
        ("/v1/datasets", b"", "text/csv", 400, "the file 'file' is empty"),
        ("/v1/datasets?colour=red", CSV, "text/csv", 422, "unknown field"),
        ("/v1/datasets?task=sing", CSV, "text/csv", 422, "?task: "),
        ("/v1/datasets?test_split=1", CSV, "text/csv", 422, "?test_split: "),
        ("/v1/datasets", b"x" * 10_001, "text/csv", 413, "at most 10000 bytes"),
        ("/v1/datasets", {"name": "x"}, FORM, 400, "holds no file"),
        ("/v1/datasets", {"picture": (io.BytesIO(CSV), "x")}, FORM, 422, "expected a file as one of file, labels"),
        ("/v1/datasets", {"labels": (io.BytesIO(CSV), "x")}, FORM, 422, "this field is required"),
        ("/v1/datasets", {"file": (io.BytesIO(CSV), "x"), "colour": "red"}, FORM, 422, "unknown field"),
        ("/v1/datasets", {"file": (io.BytesIO(CSV), "x"), "name": "n" * 70_000}, FORM, 413, "too large"),
        ("/v1/datasets", {"file": (io.BytesIO(CSV), "x"), "target": ["a", "b"]}, FORM, 422, "once, got it twice"),
        ("/v1/datasets", {"file": (io.BytesIO(b""), "x")}, FORM, 400, "is empty"),
        (
            "/v1/datasets",
            {"file": (io.BytesIO(CSV), "n" * 201)},
            FORM,
            422,
            "a file name of at most 200 characters, got 201",
        ),
        ("/v1/datasets", b"--x\r\nno form", f"{FORM}; boundary=x", 400, "the form cannot be read"),
        ("/v1/datasets", CSV, FORM, 400, "names no boundary"),
    ],
)
def test_what_cannot_be_taken_is_refused_and_leaves_nothing(
    client: FlaskClient, store: Store, url: str, data: object, content_type: str, status: int, detail: str
) -> None:
    response = client.post(url, data=data, content_type=content_type)

    assert response.status_code == status, response.json
    assert detail in response.json["detail"]
    assert blobs_of(store) == []
    assert store.datasets.page(limit=1).data == []


def test_a_body_that_is_broken_off_leaves_nothing(client: FlaskClient, store: Store) -> None:
    response = client.post("/v1/datasets", input_stream=io.BytesIO(CSV), environ_overrides={"CONTENT_LENGTH": "9"})

    assert response.status_code == 400
    assert "ended before it was whole" in response.json["detail"]
    assert blobs_of(store) == []


def test_a_data_set_is_made_from_the_upload_of_another_with_other_choices(
    client: FlaskClient, store: Store, queue: SentWakeUps
) -> None:
    first = client.post("/v1/datasets?name=shop&target=b&categorical=a&test_split=0.3", data=CSV).json
    store.datasets.fail(store.datasets.claim("w", 9000), "invalid_data", "column 'b': say it otherwise")

    response = client.post("/v1/datasets", json={"from": first["id"], "target": "a", "categorical": ["b", "a,b"]})
    last = client.post("/v1/datasets", json={"from": response.json["id"], "target": None, "categorical": "a , b"})

    again = response.json
    assert response.status_code == 202
    assert response.headers["Location"] == again["urls"]["self"] == f"/v1/datasets/{again['id']}"
    assert (again["status"], again["name"], again["upload"]) == ("processing", "shop", first["id"])
    assert again["files"] == first["files"]
    assert again["config"] == first["config"] | {"target": "a", "categorical": ["a,b", "b"]}
    assert queue.work["files"] == 3
    before, record, third = (store.datasets.get(answer["id"]) for answer in (first, again, last.json))
    assert record.spec == before.spec | {"target": "a", "categorical": 'b,"a,b"'}
    assert (third.spec["target"], third.spec["test_split"], third.upload) == (None, 0.3, first["id"])
    assert DatasetSpec.model_validate(record.spec).categorical_columns == {"b", "a,b"}
    assert DatasetSpec.model_validate(third.spec).categorical_columns == {"a", "b"}
    for answer in (first, again):
        assert client.delete(f"/v1/datasets/{answer['id']}").status_code == 204
    assert blobs_of(store) == [f"uploads/{first['id']}/file.000000"]
    assert client.delete(last.json["urls"]["self"]).status_code == 204
    assert blobs_of(store) == []


@pytest.mark.parametrize(
    ("body", "status", "detail"),
    [
        ({"from": "mnist"}, 409, "is built in"),
        ({"from": "ds_old"}, 409, "'ds_old' is not kept: upload the file again"),
        ({"from": "ds_none"}, 404, "no dataset 'ds_none'"),
        ({"target": "a"}, 422, "#/from: this field is required"),
        ({"from": "ds_old", "form": 1}, 422, "did you mean 'from'?"),
        ({"from": "ds_old", "test_split": None}, 422, "#/test_split: "),
        ({"from": "ds_old", "categorical": ["a", 1]}, 422, "#/categorical: "),
        ({"from": "ds_old", "categorical": ["a" * 2001]}, 422, "#/categorical: "),
        ({"from": "ds_old", "name": "n" * 70_000}, 413, "at most 65536 bytes"),
    ],
)
def test_what_cannot_be_read_again_is_refused(
    client: FlaskClient, store: Store, body: dict[str, object], status: int, detail: str
) -> None:
    store.datasets.create("ds_old", DatasetSpec().model_dump(mode="json"), [FILE])
    store.redis.hdel(keys.DATASET.record("ds_old"), "upload")

    response = client.post("/v1/datasets", json=body)

    assert response.status_code == status, response.json
    assert detail in response.json["detail"]
    assert [record.id for record in store.datasets.page(limit=9).data] == ["ds_old"]
    assert client.get("/v1/datasets/ds_old").json["upload"] is None


def test_choices_beside_a_json_body_are_refused(client: FlaskClient) -> None:
    response = client.post("/v1/datasets?target=b", json={"from": "ds_1"})

    assert response.status_code == 422
    assert response.json["errors"] == [{"pointer": "?target", "detail": "expected it in the JSON body"}]


def test_lists_are_paged_and_end_with_what_is_built_in(client: FlaskClient, store: Store) -> None:
    for number in range(3):
        store.datasets.create(f"ds_{number}", {"name": None}, [FILE])

    first = client.get("/v1/datasets?limit=2").json
    second = client.get("/v1/datasets?limit=2&after=ds_1").json
    exact = client.get("/v1/datasets?limit=3").json

    assert [dataset["id"] for dataset in first["data"]] == ["ds_2", "ds_1"]
    assert [dataset["id"] for dataset in second["data"]] == ["ds_0", "mnist"]
    assert (first["has_more"], second["has_more"], exact["has_more"]) == (True, False, True)
    assert [dataset["id"] for dataset in client.get("/v1/datasets?after=ds_0").json["data"]] == ["mnist"]
    assert client.get("/v1/datasets?after=mnist").json == {"object": "list", "data": [], "has_more": False}
    assert client.get("/v1/datasets?after=ds_9").status_code == 404


def test_a_list_leaves_out_what_is_long_and_says_so(client: FlaskClient, store: Store) -> None:
    many = [f"the class number {number}" for number in range(1000)]
    long, short = ready(store, "ds_long", classes=many, notes=["the target is 'kind'"]), ready(store, "ds_short")

    listed = {entry["id"]: entry for entry in client.get("/v1/datasets").json["data"]}
    whole = {name: client.get(f"/v1/datasets/{name}").json for name in (long, short, "mnist")}

    assert (listed[long]["abridged"], listed[long]["classes"], listed[long]["notes"]) == (True, [], [])
    assert (listed[long]["class_count"], listed[long]["task"]) == (1000, "classification")
    assert (whole[long]["abridged"], whole[long]["classes"]) == (False, many)
    assert listed[short] == whole[short]
    assert listed["mnist"] == whole["mnist"]


def test_the_built_in_one_is_read_as_the_others_are(client: FlaskClient) -> None:
    dataset = client.get("/v1/datasets/mnist")

    assert dataset.json["rows"] == {"train": 60_000, "test": 10_000, "total": 70_000}
    assert dataset.json["input_shape"] == [28, 28]
    assert dataset.json["class_counts"] == [6903, 7877, 6990, 7141, 6824, 6313, 6876, 7293, 6825, 6958]
    assert client.get("/v1/datasets/mnist", headers={"If-None-Match": dataset.headers["ETag"]}).status_code == 304
    assert client.delete("/v1/datasets/mnist").status_code == 409


def test_rows_are_shown_with_their_names_and_with_what_is_missing(client: FlaskClient, store: Store) -> None:
    url = f"/v1/datasets/{ready(store)}/samples"

    rows = client.get(f"{url}?offset=1&limit=5").json["data"]

    assert rows == [{"index": 1, "x": [None, "y"], "y": 1}, {"index": 2, "x": [3.0, None], "y": 1}]
    assert client.get(f"{url}?split=test").json["data"] == [{"index": 0, "x": [1.5, "x"], "y": 1}]
    assert client.get(f"{url}?offset=9").json["data"] == []


def test_one_that_is_not_read_has_no_rows_yet_and_cannot_be_trained_on(client: FlaskClient, store: Store) -> None:
    store.datasets.create("ds_new", {"name": None}, [FILE])

    rows = client.get("/v1/datasets/ds_new/samples")
    job = client.post("/v1/jobs", json={"dataset": "ds_new"})

    assert (rows.status_code, job.status_code) == (409, 409)
    assert "wait until its status is ready" in job.json["detail"]


def test_one_that_could_not_be_read_says_why_wherever_it_is_met(client: FlaskClient, store: Store) -> None:
    store.datasets.create("ds_bad", {"name": None}, [FILE])
    store.datasets.fail(store.datasets.claim("w", 9000), "invalid_data", "row 7, column 'a': no number")

    job = client.post("/v1/jobs", json={"dataset": "ds_bad"})

    assert client.get("/v1/datasets/ds_bad").json["error"]["message"] == "row 7, column 'a': no number"
    assert job.status_code == 422
    assert job.json["errors"][0]["pointer"] == "#/dataset"
    assert "row 7" in job.json["detail"]


def test_a_job_that_asks_for_other_data_is_refused_before_it_is_queued(client: FlaskClient, store: Store) -> None:
    asked = {
        "dataset": ready(store),
        "model": {"layers": [{"type": "conv2d", "filters": 2, "kernel": 2}], "preprocessing": "deslant"},
        "training": {"loss": "huber", "augmentation": {"shift": 1}},
    }

    refused = client.post("/v1/jobs", json=asked)

    assert refused.status_code == 422
    assert {error["pointer"]: error["detail"] for error in refused.json["errors"]} == {
        "#/training/loss": "expected one for classification (binary_cross_entropy, cross_entropy, "
        "mean_squared_error), got 'huber'",
        "#/model/layers/0": "expected a data set of images for it, got one with rows of 2 numbers",
        "#/model/preprocessing": "expected a data set of images for it, got one with rows of 2 numbers",
        "#/training/augmentation": "expected a data set of images for it, got one with rows of 2 numbers",
    }
    assert store.jobs.page(limit=5, after=None, status=None, keep=None).data == []


def test_an_optimizer_that_is_not_said_is_one_for_the_task(client: FlaskClient, store: Store) -> None:
    numbers = {"dataset": ready(store, "ds_numbers", task="regression", classes=[])}
    names = {"dataset": ready(store, "ds_names")}
    said = {"training": {"optimizer": {"learning_rate": 0.01}}}

    chosen = [
        client.post("/v1/jobs", json=job).json["config"]["training"]["optimizer"]
        for job in (numbers, numbers | said, numbers | {"preset": "article"}, names)
    ]

    assert [(optimizer["name"], optimizer["learning_rate"]) for optimizer in chosen] == [
        ("adam", 0.003),
        ("sgd", 0.01),
        ("sgd", 0.001),
        ("sgd", 0.1),
    ]


def test_a_job_may_not_ask_of_the_digits_what_they_are_not(client: FlaskClient) -> None:
    refused = client.post("/v1/jobs", json={"dataset": "mnist", "training": {"loss": "binary_cross_entropy"}})

    assert refused.status_code == 422
    assert refused.json["errors"] == [
        {
            "pointer": "#/training/loss",
            "detail": "expected one for 10 classes (cross_entropy, mean_squared_error), got 'binary_cross_entropy'",
        }
    ]


def test_deleting_waits_for_the_jobs_that_need_it(client: FlaskClient, store: Store) -> None:
    identifier = ready(store)
    job = client.post("/v1/jobs", json={"dataset": identifier}).json["id"]

    refused = client.delete(f"/v1/datasets/{identifier}")
    client.post(f"/v1/jobs/{job}/cancel")
    deleted = client.delete(f"/v1/datasets/{identifier}")

    assert refused.status_code == 409
    assert job in refused.json["detail"]
    assert deleted.status_code == 204
    assert blobs_of(store) == []
    assert client.get(f"/v1/datasets/{identifier}").status_code == 404
    assert client.delete(f"/v1/datasets/{identifier}").status_code == 404


def test_a_record_that_cannot_be_written_leaves_nothing(client: FlaskClient, store: Store) -> None:
    for number in range(100):
        store.datasets.create(f"ds_{number}", {"name": None}, [FILE])

    response = client.post("/v1/datasets", data=CSV)

    assert response.status_code == 503
    assert blobs_of(store) == []


def test_an_upload_whose_wake_up_is_lost_is_left_to_the_reaper(
    client: FlaskClient, store: Store, queue: SentWakeUps
) -> None:
    queue.broken = OperationalError("no broker")

    dataset = client.post("/v1/datasets", data=CSV).json

    assert store.datasets.waiting() == 1
    assert store.redis.exists(keys.DATASET.record(dataset["id"]))

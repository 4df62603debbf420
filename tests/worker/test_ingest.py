"""Uploads are read by a real child process; what is hostile ends there."""

import io
import os
import re
import signal
import subprocess
import tempfile
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from nn.data import Column
from nn.data.parse_results import ParsedTable
from nn.data.prepare import Choices, prepare
from tests.support.builders.uploads import WINE, arrays_of, blobs_of, ingest, settings, store, upload
from tests.support.hostile import HOSTILE, MOST_BYTES, Hostile
from worker.ingest import process, sweep
from worker.ingest.describe import _histogram, describe
from worker.ingest.stored import load_dataset, write_dataset
from worker.settings import Settings
from worker.store import Store, datasets, keys
from worker.store.uploads import UploadWriter, staged_path

__all__ = ["settings", "store"]


def test_a_table_becomes_a_data_set_that_tells_what_it_is(store: Store, settings: Settings) -> None:
    upload(store, {"file": WINE})

    dataset = ingest(store, settings)

    assert dataset.state == "ready", dataset.error
    about = dataset.about
    assert (about["format"], about["task"], about["target"]) == ("csv", "classification", "grape")
    assert about["rows"] == {"train": 16, "test": 4, "total": 20}
    assert (about["classes"], about["class_counts"]) == (["barbera", "barolo"], [10, 10])
    assert about["missing"] == 10
    alcohol, soil = about["columns"]
    assert (alcohol["minimum"], alcohol["maximum"], alcohol["missing"]) == (12.5, 14, 5)
    assert (soil["categories"], soil["missing"]) == (["clay", "sand"], 5)
    assert (sum(alcohol["histogram"]), sum(soil["histogram"])) == (15, 15)
    assert (alcohol["histogram"], soil["histogram"]) == ([5, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 5], [10, 5])
    assert [13.1, "clay"] in about["preview"]
    assert [None, "clay"] in about["preview"]
    assert blobs_of(store) == [dataset.blob, "uploads/ds_1/file.000000"]


def test_columns_that_are_not_used_are_named_with_the_reason(store: Store, settings: Settings) -> None:
    rows = "".join(f"{number},{number % 3},same,{number % 2},remark number {number}\n" for number in range(40))
    upload(store, {"file": b"n,a,b,grape,c\n" + rows.encode()}, target="grape", leave_out="a")

    about = ingest(store, settings).about

    assert [column["name"] for column in about["columns"]] == ["n", "b"]
    reasons = {column["name"]: column["reason"] for column in about["left_out"]}
    assert reasons.keys() == {"a", "c"}
    assert reasons["a"] == "it was left out as asked"


def test_what_is_stored_is_what_was_read(store: Store, settings: Settings) -> None:
    upload(store, {"file": WINE})
    dataset = ingest(store, settings)

    loaded = load_dataset(store.blobs, dataset.blob, "ds_1")
    samples = store.samples.read(dataset.blob, "train", offset=14, limit=10)

    assert [column.name for column in loaded.columns] == ["alcohol", "soil"]
    assert [sample.index for sample in samples] == [14, 15]
    soils = loaded.columns[1].categories
    for sample in samples:
        number, code = loaded.x_train[sample.index]
        assert sample.x == [None if np.isnan(number) else number, None if np.isnan(code) else soils[int(code)]]
        assert sample.y == loaded.y_train[sample.index]
    assert store.samples.read(dataset.blob, "test", offset=4, limit=1) == []


def test_images_and_labels_come_as_two_files_and_a_test_part_as_two_more(store: Store, settings: Settings) -> None:
    images = b"\0\0\x08\x03" + b"".join(size.to_bytes(4, "big") for size in (6, 2, 2)) + bytes(range(24))
    labels = b"\0\0\x08\x01" + (6).to_bytes(4, "big") + bytes([0, 1, 2, 0, 1, 2])
    upload(store, {"file": images, "labels": labels, "test_file": images, "test_labels": labels})

    dataset = ingest(store, settings)

    assert dataset.state == "ready", dataset.error
    assert dataset.about["input_shape"] == [2, 2]
    assert dataset.about["rows"] == {"train": 6, "test": 6, "total": 12}
    [sample] = store.samples.read(dataset.blob, "test", offset=5, limit=1)
    assert (sample.x, sample.y) == ([20, 21, 22, 23], 2)


def test_a_parquet_file_knows_its_types(store: Store, settings: Settings) -> None:
    arrow, writer = pytest.importorskip("arro3.core"), pytest.importorskip("arro3.io")
    kinds = arrow.DataType
    days = arrow.Array([1, 2, 3, 4] * 5, kinds.int32()).cast(kinds.date32())
    table = arrow.Table.from_pydict(
        {
            "n": arrow.Array([1, None, 3, 4] * 5, kinds.int64()),
            "flag": arrow.Array([True, False, None, True] * 5, kinds.bool()),
            "day": days,
            "kind": arrow.Array(["x", "y", "x", "y"] * 5, kinds.utf8()),
        }
    )
    file = io.BytesIO()
    writer.write_parquet(table, file)
    upload(store, {"file": file.getvalue()})

    dataset = ingest(store, settings)

    assert dataset.state == "ready", dataset.error
    assert [(column["name"], column["kind"]) for column in dataset.about["columns"]] == [
        ("n", "numeric"),
        ("flag", "categorical"),
        ("day", "date"),
    ]
    assert dataset.about["classes"] == ["x", "y"]
    day = dataset.about["columns"][2]
    assert (day["first"], day["last"], sum(day["histogram"])) == ("1970-01-02", "1970-01-05", 20)
    assert dataset.about["preview"][0][2] in {"1970-01-02", "1970-01-03", "1970-01-04", "1970-01-05"}


def test_the_same_bytes_twice_are_one_blob_until_the_last_is_deleted(store: Store, settings: Settings) -> None:
    for identifier in ("ds_1", "ds_2"):
        upload(store, {"file": WINE}, identifier)
        ingest(store, settings, identifier)

    first, second = store.datasets.get("ds_1"), store.datasets.get("ds_2")

    assert first.blob == second.blob
    assert arrays_of(store) == [first.blob]
    store.shared_blobs.let_go(first.blob, "ds_1")
    assert load_dataset(store.blobs, second.blob, "ds_2").task == "classification"
    store.shared_blobs.let_go(first.blob, "ds_2")
    assert arrays_of(store) == []


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda hostile: hostile.name)
def test_a_hostile_file_fails_with_a_clear_reason_and_leaves_only_itself(
    store: Store, settings: Settings, hostile: Hostile
) -> None:
    upload(store, {"file": hostile.make()})

    dataset = ingest(store, settings.model_copy(update={"max_upload_bytes": MOST_BYTES}))

    assert dataset.state == "failed"
    assert dataset.error["code"] == "invalid_data"
    message = dataset.error["message"]
    assert re.search(hostile.reason, message), message
    assert {path.rpartition(".")[0] for path in blobs_of(store)} == {"uploads/ds_1/file"}
    assert not (Path(tempfile.gettempdir()) / "neurond-was-here").exists()


def test_class_names_without_end_never_reach_the_record(store: Store, settings: Settings) -> None:
    file = io.BytesIO()
    names = np.array([f"{number:05}" + "a" * 99_995 for number in range(500)])
    np.savez_compressed(file, x=np.zeros((500, 2)), y=names)
    upload(store, {"file": file.getvalue()})

    dataset = ingest(store, settings)

    assert dataset.state == "failed"
    assert dataset.error["message"].startswith("row 1 of y: expected a class of at most 256 characters, got 100000: ")
    assert len(store.redis.dump(keys.DATASET.record("ds_1"))) < 2_000


def test_a_description_is_as_long_as_a_record_may_be_however_long_the_rows_are(
    store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(datasets, "MAX_ABOUT_BYTES", 100)
    upload(store, {"file": WINE}, "ds_3")
    refused = ingest(store, settings, "ds_3")
    monkeypatch.undo()
    for identifier, width in (("ds_1", 1000), ("ds_2", 5000)):
        file = io.BytesIO()
        np.savez_compressed(file, x=np.ones((20, width)), y=np.arange(20) % 2)
        upload(store, {"file": file.getvalue()}, identifier)

    some, none = (ingest(store, settings, identifier).about for identifier in ("ds_1", "ds_2"))

    assert (len(some["preview"]), len(some["preview_targets"])) == (4, 4)
    assert (none["preview"], none["preview_targets"]) == ([], [])
    assert (refused.state, refused.error["code"]) == ("failed", "invalid_data")
    assert arrays_of(store) == sorted({store.datasets.get(f"ds_{number}").blob for number in (1, 2)})


@pytest.mark.parametrize(
    ("values", "counts"),
    [
        (np.arange(24.0), [2] * 12),
        (np.array([5.0, 5.0]), [2] + [0] * 11),
        (np.array([-1.7e308, 0, 1.7e308]), [1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]),
        (np.array([2.0**53, 2.0**53 + 2]), [1] + [0] * 10 + [1]),
        (np.array([0.0, 5e-324]), [2] + [0] * 11),
    ],
)
def test_a_histogram_counts_each_value_once_whatever_the_range_is(values: np.ndarray, counts: list[int]) -> None:
    assert _histogram(values) == counts


def test_notes_are_counted_where_they_are_many() -> None:
    table = ParsedTable(
        (Column("n"), Column("class", "categorical", ("a", "b"))),
        np.column_stack([np.arange(10.0), np.arange(10) % 2]),
        {f"column {number}": "it is empty" for number in range(300)},
    )

    notes = describe(prepare(table, Choices("d", target="class")), format="csv", sha256="", size_bytes=0)["notes"]

    assert len(notes) == 101
    assert notes[-1] == "… and 201 notes more"


def test_a_file_that_needs_more_memory_than_it_may_fails_alone(store: Store, settings: Settings) -> None:
    file = io.BytesIO()
    np.savez_compressed(file, x=np.zeros((8_000_000, 2)), y=np.zeros(8_000_000))
    upload(store, {"file": file.getvalue()})

    dataset = ingest(store, settings.model_copy(update={"ingest_memory_bytes": 200 << 20}))

    assert dataset.error["code"] == "too_large"
    assert "NEUROND_INGEST_MEMORY_BYTES" in dataset.error["message"]
    assert blobs_of(store) == ["uploads/ds_1/file.000000"]


def test_a_file_that_takes_more_time_than_it_may_fails(store: Store, settings: Settings) -> None:
    upload(store, {"file": b"1,2,3,4\n" * 2_000_000})

    dataset = ingest(store, settings.model_copy(update={"ingest_seconds": 1}))

    assert dataset.error["code"] == "too_large"
    assert "NEUROND_INGEST_SECONDS" in dataset.error["message"]


def test_a_worker_that_shuts_down_puts_the_upload_back(store: Store, settings: Settings) -> None:
    upload(store, {"file": WINE})

    put_back = ingest(store, settings, stopping=True)
    ready = ingest(store, settings)

    assert (put_back.status, put_back.attempt) == ("queued", 0)
    assert ready.state == "ready"


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (signal.SIGKILL, "too_large"),
        (signal.SIGABRT, "invalid_data"),
        (signal.SIGSEGV, "invalid_data"),
        (signal.SIGBUS, "invalid_data"),
    ],
)
def test_a_reader_that_is_killed_says_by_what(
    store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch, number: signal.Signals, code: str
) -> None:
    upload(store, {"file": WINE})
    started = subprocess.Popen

    def start_and_kill(*arguments: object, **options: object) -> subprocess.Popen[bytes]:
        child = started(*arguments, **options)
        os.kill(child.pid, number)
        return child

    monkeypatch.setattr(process.subprocess, "Popen", start_and_kill)  # type: ignore[attr-defined]

    dataset = ingest(store, settings)

    assert dataset.state == "failed"
    assert dataset.error["code"] == code
    assert number.name in dataset.error["message"]


def test_compiled_code_that_ends_for_want_of_memory_is_too_large() -> None:
    said = b"memory allocation of 8589934592 bytes failed\n"

    result = process._result(-signal.SIGABRT, b"", said, {"memory_bytes": 1, "seconds": 1})

    assert result["error"]["code"] == "too_large"


def test_what_a_broken_reader_said_is_in_the_log_alone(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    result = process.run_child({"do": "no such task"}, settings, seconds=30, should_stop=lambda: False)

    assert result is not None
    message = result["error"]["message"]
    assert result["error"]["code"] == "internal_error"
    assert "KeyError" not in message
    assert "no such task" not in message
    [record] = [record for record in caplog.records if hasattr(record, "reference")]
    assert record.reference in message
    assert "KeyError: 'no such task'" in record.last_words  # type: ignore[attr-defined]


def test_what_broken_uploads_left_is_swept(store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    upload(store, {"file": WINE}, "ds_over")
    store.datasets.fail(store.datasets.claim("o", 9000), "worker_lost", "gone")
    upload(store, {"file": WINE}, "ds_old")
    store.datasets.fail(store.datasets.claim("o", 9000), "invalid_data", "as version 0.1.0 left it")
    upload(store, {"file": WINE})
    for identifier in ("ds_broken", "ds_new"):
        UploadWriter(store.blobs, identifier, "file", most_bytes=100).finish()
    for identifier in ("ds_1", "ds_over", "import_broken"):
        store.blobs.put(staged_path(identifier), b"half a model")
    store.redis.delete(keys.upload_users("ds_old"))

    sweep.sweep(store)
    kept_at_first = blobs_of(store)
    monkeypatch.setattr(sweep, "ABANDONED", timedelta(seconds=-1))
    sweep.sweep(store)

    assert kept_at_first == [
        *("staged/ds_1", "staged/import_broken"),
        *(f"uploads/{identifier}/file.000000" for identifier in ("ds_1", "ds_broken", "ds_new", "ds_over")),
    ]
    assert blobs_of(store) == ["staged/ds_1", "uploads/ds_1/file.000000", "uploads/ds_over/file.000000"]


def test_the_stored_form_is_read_by_the_library_too(store: Store, settings: Settings) -> None:
    from safetensors.numpy import load

    upload(store, {"file": WINE})
    dataset = ingest(store, settings)
    ours = load_dataset(store.blobs, dataset.blob, "ds_1")

    theirs = load(store.blobs.get(dataset.blob))

    np.testing.assert_array_equal(theirs["x_train"], ours.x_train)
    np.testing.assert_array_equal(theirs["y_test"], ours.y_test)
    assert write_dataset(store.blobs, "again", ours)[0] in dataset.blob

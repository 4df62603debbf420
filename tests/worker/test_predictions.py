from pathlib import Path

import pytest

from worker.errors import BlobMissingError
from worker.settings import Settings
from worker.store import Store, keys
from worker.store.blobs import Blobs
from worker.store.predictions import body_path, result_path
from worker.store.usage import Caller

OWNER = "worker-files@host:1"
LONG_AGO = 1_000_000


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    return Blobs(f"file://{tmp_path}")


def asked(store: Store, blobs: Blobs, identifier: str) -> None:
    store.predictions.note(identifier)
    blobs.put(body_path(identifier), b"body")
    store.predictions.create(identifier, "model_1", "json", {"form": "json"})


def test_a_prediction_is_claimed_once_and_its_result_is_found_in_its_record(store: Store, blobs: Blobs) -> None:
    asked(store, blobs, "pred_1")

    claim = store.predictions.claim(OWNER, 1000)
    again = store.predictions.claim(OWNER, 1000)
    store.predictions.finish(claim, rows=3, result=result_path("pred_1", claim.token, "json"))
    record = store.predictions.get("pred_1")

    assert again is None
    assert (record.status, record.rows, record.result) == ("succeeded", 3, "predictions/pred_1/000001.json")
    assert record.finished
    assert 0 < store.redis.ttl(keys.PREDICTION.record("pred_1")) <= Settings().prediction_retention_seconds


def test_bytes_go_once_the_record_has_expired_or_never_came(store: Store, blobs: Blobs) -> None:
    for name in ("pred_kept", "pred_expired"):
        asked(store, blobs, name)
    store.predictions.note("pred_never")
    blobs.put(body_path("pred_never"), b"body")
    for name in ("pred_kept", "pred_expired", "pred_never"):
        store.usage.charge(name, 4, caller=Caller("key", 100))
    store.redis.delete(keys.PREDICTION.record("pred_expired"))
    store.redis.zadd(keys.PREDICTION_FOLDERS, dict.fromkeys(("pred_kept", "pred_expired", "pred_never"), LONG_AGO))

    store.predictions.sweep(blobs, store.usage)

    assert blobs.get(body_path("pred_kept")) == b"body"
    assert store.usage.kept("key") == store.usage.kept() == 4
    for name in ("pred_expired", "pred_never"):
        with pytest.raises(BlobMissingError):
            blobs.get(body_path(name))
    assert store.redis.zrange(keys.PREDICTION_FOLDERS, 0, -1) == [b"pred_kept"]
    assert store.redis.zrange(keys.PREDICTION.index, 0, -1) == [b"pred_kept"]
    assert store.redis.zrange(keys.PREDICTION.with_status("queued"), 0, -1) == [b"pred_kept"]


def test_bytes_whose_record_is_about_to_come_are_left_alone(store: Store, blobs: Blobs) -> None:
    store.predictions.note("pred_new")
    blobs.put(body_path("pred_new"), b"body")

    store.predictions.sweep(blobs, store.usage)

    assert blobs.get(body_path("pred_new")) == b"body"

from pathlib import Path

import pytest

from worker.errors import BlobMissingError, QueueFullError
from worker.settings import Settings
from worker.store import Store, keys
from worker.store.blobs import Blobs
from worker.store.predictions import Predictions, Reply, new_request


@pytest.fixture
def predictions(store: Store) -> Predictions:
    return Predictions(store.redis, most_pending=3, lifetime_seconds=5)


def test_a_blob_is_kept_whole_and_goes(tmp_path: Path) -> None:
    blobs = Blobs(f"file://{tmp_path}/deep/er")

    blobs.put("models/m.bin", b"\0weights")
    kept = blobs.get("models/m.bin")
    blobs.delete("models/m.bin")
    blobs.delete("models/m.bin")

    assert kept == b"\0weights"
    with pytest.raises(BlobMissingError, match=r"models/m\.bin"):
        blobs.get("models/m.bin")


def test_the_first_request_wakes_a_drainer_and_the_next_do_not(predictions: Predictions) -> None:
    assert [predictions.ask("m", new_request(b"x")) for _ in range(3)] == [True, False, False]


def test_requests_come_out_in_order_and_then_the_drainer_signs_off(predictions: Predictions) -> None:
    asked = [new_request(b"a\nb"), new_request(b""), new_request(b"\xff\n\n")]
    for request in asked:
        predictions.ask("m", request)

    assert predictions.drain("m", 2) == asked[:2]
    assert predictions.drain("m", 2) == asked[2:]
    assert predictions.drain("m", 2) == []
    assert predictions.ask("m", new_request(b"x"))


def test_more_requests_than_may_wait_are_refused(predictions: Predictions) -> None:
    for _ in range(3):
        predictions.ask("m", new_request(b"x"))

    with pytest.raises(QueueFullError):
        predictions.ask("m", new_request(b"x"))
    assert predictions.ask("other", new_request(b"x"))


def test_waiting_requests_without_a_drainer_are_woken_for_again(predictions: Predictions, store: Store) -> None:
    predictions.ask("m", new_request(b"x"))
    at_work = predictions.wake_again("m")
    store.redis.delete(keys.drainer("m"))

    assert not at_work
    assert predictions.wake_again("m")
    assert not predictions.wake_again("m")
    assert not predictions.wake_again("nothing waits")


def test_each_request_gets_its_own_answer_and_unfetched_ones_expire(predictions: Predictions, store: Store) -> None:
    one, other = new_request(b"1"), new_request(b"2")

    predictions.answer({one.id: Reply("prediction", b"{}"), other.id: Reply("failure", b"a\nb")})

    assert predictions.wait(other.id) == Reply("failure", b"a\nb")
    assert 0 < store.redis.pttl(keys.reply(one.id)) <= 5000


def test_an_answer_that_does_not_come_is_none(predictions: Predictions) -> None:
    assert predictions.wait("pred_never") is None


def test_events_are_read_after_an_id_and_waited_for(store: Store) -> None:
    job, _ = store.jobs.create({}, most_queued=1)
    [queued] = store.events.read(job.id)
    store.jobs.cancel(job.id)

    [cancelled] = store.events.wait(job.id, after=queued.id)

    assert (queued.event, queued.last) == ("queued", False)
    assert (cancelled.event, cancelled.last) == ("cancelled", True)
    assert store.events.wait(job.id, after=cancelled.id) == []
    assert store.events.read(job.id, limit=1) == [queued]
    assert cancelled.created_at >= queued.created_at


def test_opening_a_store_connects_to_nothing() -> None:
    assert Store.open(Settings(redis_url="redis://127.0.0.1:1/0"))

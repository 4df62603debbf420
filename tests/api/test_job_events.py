"""The events of a job: page by page, and as a stream."""

import pytest
from flask.testing import FlaskClient

from api import streams
from api.app import create_app
from tests.support.builders.requests import SentWakeUps, submit
from worker.settings import Settings
from worker.store import Store


def test_events_are_read_page_by_page(client: FlaskClient, store: Store) -> None:
    job_id = submit(client)
    claim = store.jobs.claim("worker", 10_000)
    assert claim is not None
    store.jobs.report(claim, {"epoch": 1}, {"train_loss": 0.5}, {"epoch": 1, "train_loss": 0.5})
    store.jobs.finish(claim, "failed", error={"code": "diverged", "message": "too steep"})

    first = client.get(f"/v1/jobs/{job_id}/events?limit=2").json
    second = client.get(f"/v1/jobs/{job_id}/events?after={first['data'][-1]['id']}").json

    assert [event["event"] for event in first["data"] + second["data"]] == ["queued", "running", "epoch", "failed"]
    assert (first["has_more"], second["has_more"]) == (True, False)
    assert second["data"][0]["data"] == {"epoch": 1, "train_loss": 0.5}


@pytest.mark.parametrize("after", ["yesterday", "1-", "-1", f"1-{2**64}", "1-2-3"])
def test_what_is_no_events_id_is_422(client: FlaskClient, after: str) -> None:
    response = client.get(f"/v1/jobs/{submit(client)}/events?after={after}")

    assert response.status_code == 422
    assert response.json["errors"][0]["pointer"] == "?after"


def test_the_event_stream_tells_all_and_ends_with_done(client: FlaskClient, store: Store) -> None:
    job_id = submit(client)
    client.post(f"/v1/jobs/{job_id}/cancel")
    [queued, _] = store.events.read(job_id)

    whole = client.get(f"/v1/jobs/{job_id}/events", headers={"Accept": "text/event-stream"})
    rest = client.get(f"/v1/jobs/{job_id}/events", headers={"Accept": "text/event-stream", "Last-Event-ID": queued.id})

    assert whole.content_type == "text/event-stream"
    assert [line for line in whole.text.splitlines() if line.startswith("event:")] == [
        "event: queued",
        "event: cancelled",
        "event: done",
    ]
    assert "event: queued" not in rest.text
    assert "event: cancelled" in rest.text


def test_a_stream_after_more_than_the_last_event_ends_with_the_job(
    client: FlaskClient, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "HEARTBEAT_SECONDS", 0.2)
    job_id = submit(client)
    job = store.jobs.get(job_id)
    client.post(f"/v1/jobs/{job_id}/cancel")

    told = b"".join(streams.Streams(store, most=1).open(job, "9000000000000-0").response)

    assert told.endswith(b"event: done\ndata: {}\n\n")


def test_as_many_streams_are_open_as_may_be_and_no_more(store: Store, queue: SentWakeUps) -> None:
    client = create_app(Settings(max_streams=1), store=store, queue=queue).test_client()
    job_id = submit(client)
    client.post(f"/v1/jobs/{job_id}/cancel")
    headers = {"Accept": "text/event-stream"}

    first = client.get(f"/v1/jobs/{job_id}/events", headers=headers, buffered=False)
    second = client.get(f"/v1/jobs/{job_id}/events", headers=headers)
    beside = client.get("/healthz")
    first.close()
    third = client.get(f"/v1/jobs/{job_id}/events", headers=headers)

    assert [answer.status_code for answer in (first, second, beside, third)] == [200, 503, 200, 200]
    assert second.headers["Retry-After"]

"""`GET /v1/jobs` sorted, and by what is sought."""

from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

from tests.support.builders.requests import submit
from worker.store import Store, listing


def ended(client: FlaskClient, store: Store, metrics: dict[str, float], **fields: object) -> str:
    job_id = submit(client, **fields)
    claim = store.jobs.claim("worker", 10_000)
    assert claim is not None
    store.jobs.finish(claim, "succeeded", metrics=metrics)
    return job_id


def listed(client: FlaskClient, query: str) -> list[str]:
    return [job["id"] for job in client.get(f"/v1/jobs?{query}").json["data"]]


def test_jobs_are_sorted_by_a_figure(client: FlaskClient, store: Store) -> None:
    good = ended(client, store, {"test_accuracy": 0.9, "validation_loss": 0.5})
    best = ended(client, store, {"test_accuracy": 0.95, "validation_loss": 0.7})
    waiting = submit(client)

    assert listed(client, "sort=-metrics.test_accuracy") == [best, good]
    assert listed(client, "sort=metrics.validation_loss") == [good, best]
    assert set(listed(client, "sort=-duration")) == {good, best}
    assert listed(client, "sort=created_at") == [good, best, waiting]
    assert listed(client, "sort=-created_at") == listed(client, "") == [waiting, best, good]


def test_pages_of_an_order_follow_each_other(client: FlaskClient, store: Store) -> None:
    made = [ended(client, store, {"test_rmse": float(number)}) for number in range(5)]

    first = client.get("/v1/jobs?sort=metrics.test_rmse&limit=3").json
    second = client.get(f"/v1/jobs?sort=metrics.test_rmse&limit=3&after={first['next']}").json

    assert [job["id"] for job in first["data"] + second["data"]] == made
    assert first["next"] == made[2]
    assert (first["has_more"], second["has_more"], second["next"]) == (True, False, None)


def test_words_are_sought_in_what_a_job_says(client: FlaskClient) -> None:
    named = submit(client, name="Wide one", metadata={"team": "vision"})
    other = submit(client, training={"optimizer": {"name": "adam", "learning_rate": 0.003}})

    assert listed(client, "q=WIDE") == listed(client, "q=team%3Dvision+one") == [named]
    assert listed(client, "q=adam+0.003") == listed(client, f"q={quote(other)}") == [other]
    assert listed(client, "q=adam+wide") == []


def test_a_page_that_looked_at_many_in_vain_says_where_to_go_on(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "LOOKED_AT_ONCE", 2)
    monkeypatch.setattr(listing, "MOST_LOOKED_AT", 2)
    needle, *others = [submit(client, name=name) for name in ("needle", "a", "b", "c")]

    first = client.get("/v1/jobs?q=needle").json
    second = client.get(f"/v1/jobs?q=needle&after={first['next']}").json

    assert (first["data"], first["has_more"], first["next"]) == ([], True, others[1])
    assert [job["id"] for job in second["data"]] == [needle]


def test_an_order_that_there_is_not_is_422_and_names_those_that_there_are(client: FlaskClient) -> None:
    refused = client.get("/v1/jobs?sort=-accuracy")

    assert refused.status_code == 422
    [error] = refused.json["errors"]
    assert error["pointer"] == "?sort"
    assert error["detail"] == (
        "expected one of created_at, duration, metrics.test_accuracy, metrics.test_log_loss, metrics.test_r2, "
        "metrics.test_rmse, metrics.test_mae, metrics.test_loss, metrics.validation_accuracy, metrics.validation_loss, "
        'with - before it for the greatest first, got "-accuracy"'
    )


def test_a_page_of_an_order_after_a_job_that_is_not_in_it_is_404(client: FlaskClient) -> None:
    waiting = submit(client)

    refused = client.get(f"/v1/jobs?sort=-metrics.test_accuracy&after={waiting}")

    assert refused.status_code == 404
    assert "job with the figure test_accuracy" in refused.json["detail"]

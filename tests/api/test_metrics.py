"""`/metrics`, over a real server: what it tells of Redis itself, fakeredis does not know."""

import subprocess

import pytest
from flask.testing import FlaskClient
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse
from redis import Redis

from api.app import create_app
from tests.support import needs
from tests.support.builders.requests import SPEC, SentWakeUps
from worker.settings import Settings
from worker.store import Store


def open_client(server: Redis, settings: Settings) -> FlaskClient:
    """An API process of its own over the same Redis."""
    return create_app(settings, store=Store(server, settings), queue=SentWakeUps()).test_client()


@pytest.fixture
def client(server: Redis, settings: Settings) -> FlaskClient:
    return open_client(server, settings)


def samples(client: FlaskClient) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    text = client.get("/metrics").text
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in parse(text)
        for sample in family.samples
    }


def requests_to(route: str, status: int, method: str = "GET") -> tuple[str, tuple[tuple[str, str], ...]]:
    return "neurond_http_requests_total", (("method", method), ("route", route), ("status", str(status)))


def test_requests_are_counted_by_route_and_never_by_path(client: FlaskClient) -> None:
    for path in ("/v1/jobs/job_1", "/v1/jobs/job_2", "/nothing/1", "/nothing/2"):
        client.get(path)
    client.open("/nothing/3", method="BREW")

    told = samples(client)

    assert told[requests_to("/v1/jobs/{job_id}", 404)] == 2
    assert told[requests_to("unmatched", 404)] == 2
    assert told[requests_to("unmatched", 404, "other")] == 1
    count = ("neurond_http_request_duration_seconds_count", (("method", "GET"), ("route", "/v1/jobs/{job_id}")))
    assert told[count] == 2


def test_any_process_tells_what_all_have_counted(client: FlaskClient, server: Redis, settings: Settings) -> None:
    other = open_client(server, settings)
    client.get("/healthz")
    other.get("/healthz")
    other.get("/healthz")
    other.get("/metrics")

    told = samples(client)

    assert told[requests_to("/healthz", 200)] == 3


def test_a_scrape_adds_nothing_twice(client: FlaskClient) -> None:
    client.get("/healthz")

    first, second = samples(client), samples(client)

    assert first[requests_to("/healthz", 200)] == second[requests_to("/healthz", 200)] == 1


def test_what_nobody_counted_yet_is_there_as_zero(client: FlaskClient) -> None:
    told = samples(client)

    assert told["neurond_attempts_ended_total", (("kind", "jobs"), ("outcome", "failed"))] == 0
    assert told["neurond_queue_wait_seconds_bucket", (("kind", "jobs"), ("le", "+Inf"))] == 0
    assert told["neurond_jobs", (("status", "running"),)] == 0


def test_jobs_and_workers_and_redis_are_read_at_the_scrape(client: FlaskClient, server: Redis) -> None:
    store = Store(server, Settings())
    for _ in range(2):
        client.post("/v1/jobs", json=SPEC)
    store.workers.sign("training", "one")
    store.workers.sign("training", "two")

    told = samples(client)

    assert told["neurond_jobs", (("status", "queued"),)] == 2
    assert told["neurond_job_oldest_queued_seconds", ()] > 0
    assert told["neurond_workers", (("queue", "training"),)] == 2
    assert told["neurond_workers", (("queue", "prediction"),)] == 0
    assert 0 <= told["neurond_worker_silence_seconds", (("queue", "training"),)] < 10
    for name in ("records", "exchange"):
        assert told["neurond_redis_up", (("server", name),)] == 1
        assert told["neurond_redis_memory_used_bytes", (("server", name),)] > 0


def test_the_life_of_a_job_is_counted(client: FlaskClient, server: Redis) -> None:
    store = Store(server, Settings())
    client.post("/v1/jobs", json=SPEC)
    first = store.jobs.claim("owner", 10_000)
    assert first is not None
    store.jobs.release(first)
    claim = store.jobs.claim("owner", 10_000)
    assert claim is not None
    store.jobs.report(claim, {"epoch": 1}, {}, {"epoch": 1})
    store.jobs.finish(claim, "succeeded")
    store.metrics.flush()

    told = samples(client)

    assert told["neurond_attempts_total", (("kind", "jobs"),)] == 2
    assert told["neurond_attempts_ended_total", (("kind", "jobs"), ("outcome", "released"))] == 1
    assert told["neurond_attempts_ended_total", (("kind", "jobs"), ("outcome", "succeeded"))] == 1
    assert told["neurond_queue_wait_seconds_count", (("kind", "jobs"),)] == 1
    assert told["neurond_run_seconds_count", (("kind", "jobs"),)] == 2
    assert told["neurond_training_epochs_total", ()] == 1


def test_counts_wait_for_a_redis_that_is_away(server: Redis, settings: Settings) -> None:
    away = Redis(host="127.0.0.1", port=1)
    store = Store(away, settings)
    client = create_app(settings, store=store, queue=SentWakeUps()).test_client()
    client.get("/healthz")

    alone = client.get("/metrics")
    back = open_client(server, settings)
    away.connection_pool = server.connection_pool
    client.get("/metrics")

    assert alone.status_code == 200
    assert 'neurond_redis_up{server="records"} 0.0' in alone.text
    assert samples(back)[requests_to("/healthz", 200)] == 1


def test_openmetrics_is_given_to_who_asks_for_it(client: FlaskClient) -> None:
    response = client.get("/metrics", headers={"Accept": "application/openmetrics-text; version=1.0.0"})

    assert response.content_type.startswith("application/openmetrics-text; version=1.0.0")
    assert {family.name for family in parse_openmetrics(response.text)} >= {"neurond_http_requests", "neurond_jobs"}


def test_with_keys_metrics_need_one(server: Redis) -> None:
    client = open_client(server, Settings(api_keys=("secret",), read_keys=("for Prometheus",)))

    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", headers={"Authorization": "Bearer for Prometheus"}).status_code == 200


def test_every_route_is_there_before_it_was_asked(client: FlaskClient) -> None:
    told = samples(client)

    assert told["neurond_http_request_duration_seconds_count", (("method", "POST"), ("route", "/v1/jobs"))] == 0


@pytest.mark.peers
def test_promtool_finds_nothing_wrong(client: FlaskClient) -> None:
    needs.program("promtool")
    client.get("/v1/jobs")
    text = client.get("/metrics").text

    done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True, timeout=30)

    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout + done.stderr == ""


def test_work_at_risk_is_the_time_since_the_last_checkpoint(client: FlaskClient, server: Redis) -> None:
    store = Store(server, Settings())
    job_id = client.post("/v1/jobs", json=SPEC).json["id"]
    risk = "neurond_checkpoint_age_seconds", ()
    before = samples(client)[risk]
    claim = store.jobs.claim("owner", 10_000)
    assert claim is not None
    server.hset(f"neurond:job:{job_id}", "claimed_at", 1)
    since_claim = samples(client)[risk]

    store.jobs.report(claim, {}, {}, checkpoint={"path": "one"})

    assert before == 0
    assert since_claim > 1e9
    assert samples(client)[risk] < 10


def test_an_exchange_that_is_away_hides_nothing_else(server: Redis, settings: Settings) -> None:
    store = Store(server, settings, exchange=Redis(host="127.0.0.1", port=1))
    told = samples(create_app(settings, store=store, queue=SentWakeUps()).test_client())

    assert told["neurond_redis_up", (("server", "exchange"),)] == 0
    assert told["neurond_redis_up", (("server", "records"),)] == 1
    assert told["neurond_jobs", (("status", "queued"),)] == 0
    assert ("neurond_predictions_pending", ()) not in told

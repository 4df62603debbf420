"""Metrics are what Prometheus scrapes: `/metrics` tells the whole service, whichever process answers.

What is counted comes from all processes through Redis (`worker/store/metrics`); what stands (jobs, workers, Redis's
memory) is read at the moment of the scrape. Scrape one address: two would tell the same figures twice.
"""

import re
import time
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.metadata import version
from typing import Any, Final

from flask import Blueprint, Flask, Response, current_app, g, request
from prometheus_client import Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import GaugeMetricFamily, InfoMetricFamily
from prometheus_client.registry import Collector
from redis.exceptions import RedisError

from api.openapi import Answer, operation
from api.services import services
from worker.store import Store
from worker.store.stats import Server, Stats, read_stats
from worker.work import KINDS
from worker.work.kind import QUEUES

blueprint = Blueprint("metrics", __name__)

FORMATS: Final = ("text/plain", "application/openmetrics-text")

METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

UNMATCHED: Final = "unmatched"
"""The route of a request for which there is none. Its path would be a label without bounds."""


@blueprint.get("/metrics")
@operation(answers={200: Answer("The metrics.", media={name: {"type": "string"} for name in FORMATS})})
def get_metrics() -> Response:
    """Tell everything that is counted or stands, in Prometheus's text format or as OpenMetrics."""
    _begin_routes(services().store)
    encode, content_type = choose_encoder(request.headers.get("Accept", ""))
    return Response(encode(Families(_families(services().store))), content_type=content_type)


def _begin_routes(store: Store) -> None:
    """Begin the series of every route at 0, so that its first request is seen as one more."""
    for rule in current_app.url_map.iter_rules():
        for method in METHODS & (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            store.metrics.http_seconds.labels(method, _route(rule.rule))


class Families(Collector):
    """Families in the form in which the encoder takes them."""

    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = list(families)

    def collect(self) -> Iterable[Metric]:
        """Give them."""
        return self._families


def _families(store: Store) -> Iterator[Metric]:
    yield InfoMetricFamily("neurond_build", "The version that answers.", {"version": version("neurond")})
    told: list[Metric] = []
    servers: dict[str, Server | None] = {}
    for name, tell in (("records", _records), ("exchange", _prediction_queue)):
        try:
            servers[name], families = tell(store)
        except RedisError:
            servers[name] = None
        else:
            told += families
    up = {name: float(server is not None) for name, server in servers.items()}
    yield _gauge(
        "neurond_redis_up", "Whether Redis is reached; if not, nothing that is kept there is told.", up, "server"
    )
    yield from _servers({name: server for name, server in servers.items() if server is not None})
    yield from told


def _servers(servers: Mapping[str, Server]) -> Iterator[Metric]:
    for name, text, field in (
        ("memory_used_bytes", "Memory that Redis uses.", "memory_used"),
        ("memory_limit_bytes", "Memory that Redis may use; 0: no limit.", "memory_limit"),
        ("clients", "Connections to Redis.", "clients"),
        ("durable", "Whether Redis's last write to its append-only file went well, or there is none.", "durable"),
    ):
        values = {server: getattr(account, field) for server, account in servers.items()}
        yield _gauge(f"neurond_redis_{name}", text, values, "server")


def _records(store: Store) -> tuple[Server, list[Metric]]:
    store.metrics.flush()
    counted, stats = store.metrics.totals(), read_stats(store.redis, QUEUES)
    return stats.server, [*counted, *_standing(stats)]


def _standing(stats: Stats) -> Iterator[Metric]:
    for kind in KINDS.values():
        text = f"{(kind.title or kind.plural).capitalize()} by state."
        yield _gauge(f"neurond_{kind.plural}", text, stats.records[kind.plural], "status")
    yield _gauge("neurond_models", "Stored models.", stats.models)
    yield _gauge(
        "neurond_job_oldest_queued_seconds", "Age of the job that waits longest; 0: none.", stats.oldest_queued
    )
    yield _gauge(
        "neurond_checkpoint_age_seconds", "Work that a crash would cost the running job most at risk.", stats.at_risk
    )
    workers = {queue: len(found) for queue, found in stats.silence.items()}
    silence = {queue: max(found) for queue, found in stats.silence.items() if found}
    yield _gauge("neurond_workers", "Workers that were seen lately.", workers, "queue")
    yield _gauge("neurond_worker_silence_seconds", "Since the most silent of them was seen.", silence, "queue")


def _prediction_queue(store: Store) -> tuple[Server, list[Metric]]:
    requests, models = store.prediction_queue.waiting()
    return store.prediction_queue.server(), [
        _gauge("neurond_predictions_pending", "Prediction requests that wait for a worker.", requests),
        _gauge("neurond_prediction_models_pending", "Models for which requests wait.", models),
    ]


def _gauge(name: str, text: str, value: float | Mapping[Any, float], label: str = "") -> Metric:
    family = GaugeMetricFamily(name, text, labels=[label] if label else [])
    for key, number in value.items() if isinstance(value, Mapping) else [("", value)]:
        family.add_metric([key] if label else [], float(number))
    return family


def register(app: Flask, store: Store) -> None:
    """Count every request of `app`, by its route and not by its path."""

    @app.before_request
    def _begin() -> None:
        g.begun = time.perf_counter()

    @app.after_request
    def _count(response: Response) -> Response:
        route = _route(request.url_rule.rule) if request.url_rule else UNMATCHED
        method = request.method if request.method in METHODS else "other"
        store.metrics.http_requests.labels(method, route, str(response.status_code)).inc()
        if "begun" in g:
            store.metrics.http_seconds.labels(method, route).observe(time.perf_counter() - g.begun)
        return response


@cache
def _route(rule: str) -> str:
    """A rule as the documentation writes it."""
    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule)

"""One trace from the request to the last step of the worker."""

import gzip
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import fakeredis
import pytest

from api import tracing as api_tracing
from api.app import create_app
from neurond import Client
from tests.support import needs
from tests.support.builders.requests import SentWakeUps
from tests.support.builders.tools import tools
from tests.support.clock import wait_until
from tests.support.pages import commands
from tests.support.processes import running
from worker.observability import tracing
from worker.settings import Settings
from worker.store import Store
from worker.training.trainer import Trainer

SHORT = {"dataset": "mnist", "seed": 1, "model": {"hidden_layers": [4]}, "training": {"epochs": 1}}


@pytest.fixture
def exporter() -> Iterator[Any]:
    """Where the spans end: in memory."""
    needs.module("opentelemetry.instrumentation.flask")
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracing.use(provider)
    yield exporter
    tracing.use(None)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(blob_url=f"file://{tmp_path}")


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    with fakeredis.FakeRedis() as redis:
        yield Store(redis, settings)


def submit(store: Store, settings: Settings, spec: dict[str, Any], headers: dict[str, str] | None = None) -> str:
    app = create_app(settings, store=store, queue=SentWakeUps())
    if tracing._provider is not None:
        api_tracing.trace(app, tracing._provider)
    job_id: str = app.test_client().post("/v1/jobs", json=spec, headers=headers).json["id"]
    return job_id


def train(store: Store, settings: Settings, job_id: str) -> None:
    Trainer(tools(store, settings)).run()


def by_name(exporter: Any) -> dict[str, Any]:
    return {span.name: span for span in exporter.get_finished_spans()}


def test_a_job_is_one_trace_from_the_request_over_the_queue_to_the_worker(
    exporter: Any, store: Store, settings: Settings
) -> None:
    job_id = submit(store, settings, SHORT)
    train(store, settings, job_id)

    spans = by_name(exporter)
    request, wait, run = spans["POST /v1/jobs"], spans["wait in queue"], spans["run job"]
    assert {span.context.trace_id for span in spans.values()} == {request.context.trace_id}
    assert wait.parent.span_id == run.parent.span_id == request.context.span_id
    for step in ("load data", "fit", "evaluate", "store model"):
        assert spans[step].parent.span_id == run.context.span_id
    assert run.attributes["neurond.id"] == job_id
    assert run.attributes["neurond.attempt"] == 1
    assert wait.end_time >= wait.start_time


def test_a_trace_goes_on_from_that_of_the_client(exporter: Any, store: Store, settings: Settings) -> None:
    trace_id = "0af7651916cd43dd8448eb211c80319c"

    submit(store, settings, SHORT, {"traceparent": f"00-{trace_id}-b7ad6b7169203331-01"})

    assert f"{by_name(exporter)['POST /v1/jobs'].context.trace_id:032x}" == trace_id


def test_another_attempt_belongs_to_the_same_trace(exporter: Any, store: Store, settings: Settings) -> None:
    job_id = submit(store, settings, SHORT)
    first = store.jobs.claim("another", 10_000)
    assert first is not None
    store.jobs.release(first)

    train(store, settings, job_id)

    spans = by_name(exporter)
    assert spans["run job"].context.trace_id == spans["POST /v1/jobs"].context.trace_id


@pytest.mark.filterwarnings("ignore:overflow", "ignore:invalid value")
def test_a_failed_job_is_a_failed_span(exporter: Any, store: Store, settings: Settings) -> None:
    diverging = SHORT | {"training": {"epochs": 1, "optimizer": {"name": "sgd", "learning_rate": 1e30}}}

    train(store, settings, submit(store, settings, diverging))

    run = by_name(exporter)["run job"]
    assert not run.status.is_ok
    assert run.status.description == "diverged"


def test_untraced_nothing_is_carried(store: Store, settings: Settings) -> None:
    submit(store, settings, SHORT)

    claim = store.jobs.claim("me", 10_000)

    assert claim is not None
    assert claim.traceparent is None
    assert tracing.carried() == {}


def test_tracing_begins_only_where_spans_have_somewhere_to_go(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in tracing.EXPORTERS:
        monkeypatch.delenv(name, raising=False)

    assert tracing.start("neurond-test") is None


class Collector(ThreadingHTTPServer):
    """Takes spans as an OpenTelemetry collector does."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Collecting)
        self.spans: list[tuple[str, Any]] = []


class Collecting(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            [service] = [one.value.string_value for one in resource.resource.attributes if one.key == "service.name"]
            self.server.spans += [(service, span) for scope in resource.scope_spans for span in scope.spans]
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.mark.runs("operating.md", "Traces")
@pytest.mark.peers
def test_the_processes_of_a_service_send_their_parts_of_one_trace(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    needs.module("opentelemetry.instrumentation.flask")
    install, up = commands("operating.md", "Traces").splitlines()
    assert install == "pip install 'neurond[otel]'"
    with Collector() as collector:
        threading.Thread(target=collector.serve_forever, daemon=True).start()
        monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "200")
        with running(up.replace("4318", str(collector.server_port)), folder) as (url,), Client(url) as client:
            client.submit(SHORT).wait(every=0.1).model().predict([[0.0] * 784])

            def traces() -> dict[tuple[str, str], bytes]:
                return {(service, span.name): span.trace_id for service, span in collector.spans}

            wait_until(lambda: ("neurond-worker", "predict") in traces())
        collector.shutdown()

    found = traces()
    submitted = found["neurond-api", "POST /v1/jobs"]
    asked = found["neurond-api", "POST /v1/models/<model_id>/predictions"]
    assert found["neurond-api", "send wake-up"] == submitted
    assert found["neurond-worker", "run job"] == found["neurond-worker", "store model"] == submitted
    assert found["neurond-worker", "predict"] == asked

"""OpenTelemetry traces from the request over the queue to the worker, when the extra `otel` is installed.

The context of a trace travels in the job's record (W3C Trace Context, https://www.w3.org/TR/trace-context/), not in the
message: a message may be lost and sent again by a reaper that knows nothing of the request. Without the extra, or
without an exporter in OpenTelemetry's own environment variables, every span here is nothing.
"""

import contextlib
import os
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

EXPORTERS: Final = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
"""Where spans are sent (OTLP over HTTP); without either nothing is traced."""

TRACEPARENT: Final = "traceparent"

_provider: "TracerProvider | None" = None
"""Set once where a process begins, as OpenTelemetry's own global is, and None almost everywhere."""


def start(service: str) -> "TracerProvider | None":
    """Trace this process from now on, if that is wanted; call it after the fork, for it starts a thread."""
    if not any(os.environ.get(name) for name in EXPORTERS) or os.environ.get("OTEL_SDK_DISABLED", "") == "true":
        return None
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import SERVICE_NAME, Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        return None
    resource = Resource.create({SERVICE_NAME: os.environ.get("OTEL_SERVICE_NAME", service)})
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    use(provider)
    return provider


def use(provider: "TracerProvider | None") -> None:
    """Make spans with this provider; with None, make none."""
    global _provider  # one a process
    _provider = provider


def stop() -> None:
    """Send what is not sent yet."""
    if _provider is not None:
        _provider.shutdown()


def carried() -> dict[str, str]:
    """The context in hand, as fields of a record; none when nothing is traced."""
    if _provider is None:
        return {}
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    fields: dict[str, str] = {}
    TraceContextTextMapPropagator().inject(fields)
    return {name: fields[name] for name in (TRACEPARENT,) if name in fields}


@contextlib.contextmanager
def span(
    name: str, *, parent: str | None = None, links: Sequence[str] = (), consumer: bool = False, **attributes: Any
) -> Iterator[None]:
    """A span around the block; an exception that leaves it is recorded. Only a request begins a trace.

    Args:
        name: what is done, never to what: that is an attribute
        parent: the `traceparent` of the span that asked for it; by default the one in hand
        links: those of others that it also works for
        consumer: it takes what came through a queue
        attributes: what it is about, each under `neurond.`

    """
    if _provider is None:
        yield
        return
    from opentelemetry import trace

    if parent is None and not trace.get_current_span().get_span_context().is_valid:
        yield
        return
    kind = trace.SpanKind.CONSUMER if consumer else trace.SpanKind.INTERNAL
    others = [trace.Link(trace.get_current_span(_context(link)).get_span_context()) for link in links]
    named = {f"neurond.{key}": value for key, value in attributes.items()}
    tracer = _provider.get_tracer("neurond")
    context = _context(parent) if parent else None
    with tracer.start_as_current_span(name, context, kind=kind, attributes=named, links=others):
        yield


def failed(reason: str) -> None:
    """Say that what the span in hand is about went wrong, though no exception leaves it."""
    if _provider is not None:
        from opentelemetry.trace import Status, StatusCode, get_current_span

        get_current_span().set_status(Status(StatusCode.ERROR, reason))


def waited(name: str, start: datetime, end: datetime, *, parent: str | None) -> None:
    """A span that is over already: what asked for `parent` has waited from `start` to `end`."""
    if _provider is None or not parent:
        return
    tracer = _provider.get_tracer("neurond")
    begun = tracer.start_span(name, _context(parent), start_time=_nanoseconds(start))
    begun.end(max(_nanoseconds(end), _nanoseconds(start)))


def _context(traceparent: str) -> Any:
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    return TraceContextTextMapPropagator().extract({TRACEPARENT: traceparent})


def _nanoseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1_000_000) * 1000

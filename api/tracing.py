"""A span for every request, by OpenTelemetry's own instrumentation of Flask, when the extra `otel` is installed."""

from typing import TYPE_CHECKING, Final

from flask import Flask

from worker.observability import tracing

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

NOT_TRACED: Final = "healthz,readyz,metrics"
"""Asked every few seconds by machines."""


def start(app: Flask) -> None:
    """Trace this process, if that is wanted; after the fork and before the first request."""
    provider = tracing.start("neurond-api")
    if provider is not None:
        trace(app, provider)


def trace(app: Flask, provider: "TracerProvider") -> None:
    """Make a span of every request of `app`; it goes on from the client's `traceparent`, if one came."""
    from opentelemetry.instrumentation.flask import FlaskInstrumentor

    FlaskInstrumentor().instrument_app(app, tracer_provider=provider, excluded_urls=NOT_TRACED)

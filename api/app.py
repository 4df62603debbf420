"""The Flask app: one blueprint a noun."""

from collections.abc import Callable
from importlib import import_module
from typing import Any, Final

from flask import Flask

from api import errors, metrics, missing, routing, work_routes
from api.gate import admission, auth, bodies, cors, headers, hosts, rates
from api.load_shedding.policy import Shedding
from api.prediction_client import PredictionClient
from api.services import EXTENSION, Services
from api.streams import Streams
from api.threadpool import run_in_thread
from worker.messaging.queue import Queue, make_celery
from worker.settings import Settings
from worker.store import Store
from worker.store.probe import Probe
from worker.work import KINDS

BLUEPRINTS: Final = (
    "jobs",
    "models",
    "aliases",
    "predictions",
    "inference_protocol",
    "datasets",
    "workers",
    "catalogue",
    "access",
    "health",
    "metrics",
    "reference",
    "page",
    "learn",
)
"""The modules of this package that have one, in the order in which `/docs` shows them."""


class App(Flask):
    """Flask, told that no view and no hook is a coroutine: it looks at each of them at each request, a dozen times."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """The function, as it is."""
        return func


def create_app(
    settings: Settings | None = None,
    *,
    store: Store | None = None,
    queue: Queue | None = None,
) -> Flask:
    """The API.

    Args:
        settings: read from the environment when not given
        store: opened as the settings say when not given; connected at its first use
        queue: likewise

    Raises:
        SettingsError: the settings cannot be used, or not together.

    """
    settings = settings or Settings.from_environment()
    app = App(__name__, static_folder=None)
    routing.register(app)
    store, queue = store or Store.open(settings, run_in_thread), queue or Queue(make_celery(settings))
    headers.register(app)
    prediction_client = PredictionClient(store, queue, settings)
    shedding = Shedding(app.wsgi_app, prediction_client, store.metrics, most_seconds=settings.predict_queue_seconds)
    app.wsgi_app = shedding  # type: ignore[method-assign]
    streams = Streams(store, most=settings.max_streams)
    probe = Probe(lambda: store.blobs)
    app.extensions[EXTENSION] = Services(
        settings, store, queue, streams=streams, prediction_client=prediction_client, shedding=shedding, probe=probe
    )
    errors.register(app)
    missing.register(app)
    metrics.register(app, store)
    cors.register(app, settings)
    hosts.register(app, settings)
    auth.register(app, settings)
    rates.register(app, settings)
    app.before_request(auth.check_access)
    admission.register(app)
    bodies.register(app, settings)
    for name in BLUEPRINTS:
        app.register_blueprint(import_module(f"api.{name}").blueprint)
    for kind in KINDS.values():
        if kind.run and not kind.awaited:
            app.register_blueprint(work_routes.blueprint_of(kind))
    return app

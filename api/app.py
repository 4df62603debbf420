"""The Flask app: one blueprint a noun."""

import os
from typing import Final

from flask import Flask

from api import aliases, auth, datasets, errors, health, jobs, models, predictions
from api.context import EXTENSION, Context
from worker.queue import Queue, make_celery
from worker.settings import Settings
from worker.store import Store

BLUEPRINTS: Final = (
    datasets.blueprint,
    jobs.blueprint,
    models.blueprint,
    aliases.blueprint,
    predictions.blueprint,
    health.blueprint,
)

INSECURE: Final = "NEUROND_INSECURE"
"""Set by `neurond api --insecure`: answer whoever comes, without keys."""


def create_app(
    settings: Settings | None = None,
    *,
    store: Store | None = None,
    queue: Queue | None = None,
    insecure: bool = os.environ.get(INSECURE) == "1",
) -> Flask:
    """The API.

    Args:
        settings: read from the environment when not given
        store: opened as the settings say when not given; connected at its first use
        queue: likewise
        insecure: without API keys, answer requests that do not come over loopback too
    """
    settings = settings or Settings.from_environment()
    app = Flask(__name__, static_folder=None)
    app.url_map.strict_slashes = False
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body_bytes
    app.extensions[EXTENSION] = Context(settings, store or Store.open(settings), queue or Queue(make_celery(settings)))
    errors.register(app)
    auth.register(app, settings, insecure=insecure)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    return app

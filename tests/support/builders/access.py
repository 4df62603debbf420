"""Keys, and clients of an app that asks for them."""

from flask.testing import FlaskClient

from api.app import create_app
from tests.support.builders.requests import SentWakeUps
from tests.support.description import DescribedClient
from worker.settings import Settings
from worker.store import Store

READER = {"Authorization": "Bearer reader"}
OWNER = {"Authorization": "Bearer owner"}


def client_of(store: Store, **settings: object) -> FlaskClient:
    chosen = Settings(**settings)
    app = create_app(chosen, store=Store(store.redis, chosen), queue=SentWakeUps())
    app.test_client_class = DescribedClient
    return app.test_client()

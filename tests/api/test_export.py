"""Models are taken away as files."""

from pathlib import Path

import fakeredis
import pytest
from flask.testing import FlaskClient

from api.app import create_app
from tests.api.conftest import SentWakeUps
from tests.api.description import DescribedClient
from worker.settings import Settings
from worker.spec import JobSpec
from worker.store import Store, models
from worker.store.blobs import model_path
from worker.store.jobs import NewModel

WEIGHTS = b"as they were stored"


@pytest.fixture
def client(tmp_path: Path) -> FlaskClient:
    """An API with one model."""
    settings = Settings(blob_url=f"file://{tmp_path}")
    store = Store(fakeredis.FakeRedis(), settings)
    job, _ = store.jobs.create(JobSpec.model_validate({"dataset": "mnist"}).model_dump(mode="json"), most_queued=1)
    claim = store.jobs.claim(job.id, "owner", 10_000)
    assert claim is not None
    record = models.describe(
        name="first",
        job_id=job.id,
        dataset="mnist",
        task="classification",
        classes=["0", "1"],
        architecture={},
        metrics={},
        sha256="5eed",
        size_bytes=len(WEIGHTS),
    )
    store.blobs.put(model_path("model_1"), WEIGHTS)
    store.jobs.finish(claim, "succeeded", model=NewModel("model_1", record))
    store.aliases.point("digits", "model_1")
    app = create_app(settings, store=store, queue=SentWakeUps())
    app.test_client_class = DescribedClient
    return app.test_client()


@pytest.mark.parametrize("name", ["model_1", "digits"])
def test_the_file_comes_as_it_is_stored_under_the_model_s_own_name(client: FlaskClient, name: str) -> None:
    answer = client.get(f"/v1/models/{name}/export?format=safetensors")

    assert answer.data == WEIGHTS
    assert answer.headers["Content-Disposition"] == 'attachment; filename="model_1.safetensors"'
    assert client.get(f"/v1/models/{name}/export", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_an_unknown_model_or_format_is_told(client: FlaskClient) -> None:
    assert client.get("/v1/models/model_2/export").status_code == 404
    assert client.get("/v1/models/model_1/export?format=pickle").status_code == 422

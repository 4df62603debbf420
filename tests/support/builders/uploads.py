"""Uploads, and the worker that reads them."""

from pathlib import Path

import fakeredis
import pytest

from tests.support.builders.tools import tools
from worker.ingest.ingester import Ingester
from worker.jobspec.dataset import DatasetSpec
from worker.settings import Settings
from worker.store import Store
from worker.store.datasets import Dataset
from worker.store.uploads import UploadWriter

WINE = b"alcohol,soil,grape\n" + b"13.1,clay,barolo\n12.5,sand,barbera\n,clay,barolo\n14,,barbera\n" * 5


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(blob_url=f"file://{tmp_path}", ingest_seconds=60)


@pytest.fixture
def store(settings: Settings) -> Store:
    return Store(fakeredis.FakeRedis(), settings)


def upload(store: Store, files: dict[str, bytes], identifier: str = "ds_1", **spec: object) -> None:
    kept = []
    for field, data in files.items():
        writer = UploadWriter(store.blobs, identifier, field, most_bytes=1 << 30)
        writer.write(data)
        kept.append(writer.finish())
    store.datasets.create(identifier, DatasetSpec.model_validate(spec).model_dump(mode="json"), kept)


def ingest(store: Store, settings: Settings, identifier: str = "ds_1", *, stopping: bool = False) -> Dataset:
    Ingester(tools(store, settings, stopping=lambda: stopping)).run()
    return store.datasets.get(identifier)


def blobs_of(store: Store) -> list[str]:
    return sorted(path for path, _ in store.blobs.list(""))


def arrays_of(store: Store) -> list[str]:
    return [path for path in blobs_of(store) if path.startswith("datasets/")]

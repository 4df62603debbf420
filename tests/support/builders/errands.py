"""Models from outside, and a worker that takes them."""

import threading

import numpy as np

import nn
from worker.ingest.errands import Errands
from worker.settings import Settings
from worker.store import Store, models
from worker.store.uploads import UploadWriter


def network(seed: int = 0) -> nn.Model:
    return nn.Model.build(((4,), "classification", "abc"), hidden_layers=[5], rng=np.random.default_rng(seed))


def run(store: Store, settings: Settings, errand: dict) -> dict:
    """What the one who waits is told, with a worker at work."""
    worker = Errands(store, settings, stopping=lambda: False)
    threads = []

    def wake(errand_id: str) -> None:
        threads.append(threading.Thread(target=worker.run, args=(errand_id,)))
        threads[-1].start()

    result = store.errands.run(errand, wake)
    for thread in threads:
        thread.join()
    assert result is not None
    return result


def imported(store: Store, settings: Settings, data: bytes, architecture: object = None) -> dict:
    writer = UploadWriter(store.blobs, "import_1", "file", most_bytes=1 << 24)
    writer.write(data)
    errand = {
        "do": "import",
        "upload": "import_1",
        "file": writer.finish().as_dict(),
        "architecture": architecture,
        "name": "mine",
        "model_id": "model_new",
    }
    return run(store, settings, errand)


def record_of(model: nn.Model) -> dict[str, str]:
    return models.describe(
        name=None,
        job_id=None,
        dataset=None,
        task=model.task,
        classes=list(model.classes),
        architecture={},
        metrics={},
        sha256="",
        size_bytes=1,
    )

"""BentoML (https://docs.bentoml.com): a service with adaptive batching."""

import bentoml
import numpy as np

from benchmarks.peers.common import load


@bentoml.service(workers=1, traffic={"timeout": 30, "max_concurrency": 256})
class Classifier:
    """The network behind `POST /predict`."""

    def __init__(self):
        self.model = load()

    @bentoml.api(batchable=True, max_batch_size=64, max_latency_ms=1000)
    def predict(self, inputs: np.ndarray) -> np.ndarray:
        return self.model.predict_probabilities(np.asarray(inputs, dtype=np.float32))

"""LitServe (https://lightning.ai/docs/litserve), one worker.

PEER_BATCH and PEER_SERVERS try its other choices: requests that run together at most, and processes that answer HTTP.
"""

import os

import litserve
import numpy as np

from benchmarks.peers.common import answer, load, rows


class Classifier(litserve.LitAPI):
    """The network behind `POST /predict`."""

    def setup(self, device):
        self.model = load()

    def decode_request(self, request):
        return rows(request["inputs"])

    def batch(self, inputs):
        self.ends = np.cumsum([len(own) for own in inputs])[:-1]
        return np.concatenate(inputs)

    def predict(self, x):
        return self.model.predict_probabilities(x)

    def unbatch(self, output):
        return np.split(output, self.ends)

    def encode_response(self, output):
        return answer(output)


if __name__ == "__main__":
    size = int(os.environ.get("PEER_BATCH", "1"))
    api = Classifier(max_batch_size=size, batch_timeout=0.001 if size > 1 else 0.0)
    server = litserve.LitServer(api, accelerator="cpu", workers_per_device=1)
    server.run(
        host="127.0.0.1",
        port=int(os.environ["PEER_PORT"]),
        num_api_servers=int(os.environ.get("PEER_SERVERS", "1")),
        log_level="warning",
        generate_client_file=False,
    )

"""MLServer (https://mlserver.readthedocs.io): a runtime of its own making, in the server's process."""

from mlserver import MLModel
from mlserver.codecs import NumpyCodec
from mlserver.types import InferenceRequest, InferenceResponse

from benchmarks.peers.common import load


class Classifier(MLModel):
    """The network behind `POST /v2/models/classifier/infer`: the same numbers, in the protocol's own envelope."""

    async def load(self) -> bool:
        self.network = load()
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        x = NumpyCodec.decode_input(payload.inputs[0])
        outputs = self.network.predict_probabilities(x.astype("float32"))
        return InferenceResponse(model_name=self.name, outputs=[NumpyCodec.encode_output("probabilities", outputs)])

"""The models that a prediction worker keeps in memory."""

from collections import OrderedDict

from nn import Model, formats
from worker.store import Store
from worker.store.blobs import model_path


class ModelCache:
    """Models by ID, bounded by the bytes of their files; the least recently asked goes first. Models never change."""

    def __init__(self, store: Store, most_bytes: int) -> None:
        self._store = store
        self._most_bytes = most_bytes
        self._kept: OrderedDict[str, tuple[Model, int]] = OrderedDict()

    def get(self, model_id: str) -> Model:
        """The model, read from the blob store when it is not kept.

        Raises:
            BlobMissingError: there is no such model, or none any more.
            NNError: its file cannot be read.

        """
        if model_id in self._kept:
            self._kept.move_to_end(model_id)
            return self._kept[model_id][0]
        data = self._store.blobs.get(model_path(model_id))
        model = formats.load(data)
        self._kept[model_id] = (model, len(data))
        while len(self._kept) > 1 and sum(size for _, size in self._kept.values()) > self._most_bytes:
            self._kept.popitem(last=False)
        return model

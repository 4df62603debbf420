"""The models that a prediction worker keeps in memory."""

from collections import OrderedDict
from typing import Final

from nn import Model, formats
from worker.store import Store
from worker.store.blobs import model_path

OBJECT_BYTES: Final = 32 * 1024
"""About what a small model takes beside its numbers."""

KEPT_BUFFER_BYTES: Final = 64 * 1024 * 1024
"""Larger buffers are not kept for the next request: to allocate them takes a small part of the pass that fills them."""


class ModelCache:
    """Models by ID, bounded by the memory that they use; the least recently asked goes first. Models never change.

    A model uses more once it was asked: its buffers stay for the next request, unless they are large. So it is weighed
    again before another is asked.
    """

    def __init__(self, store: Store, most_bytes: int) -> None:
        self._store = store
        self._most_bytes = most_bytes
        self._kept: OrderedDict[str, Model] = OrderedDict()
        self._bytes: dict[str, int] = {}

    def get(self, model_id: str) -> Model:
        """The model, read from the blob store when it is not kept.

        Raises:
            BlobMissingError: there is no such model, or none any more.
            NNError: its file cannot be read.

        """
        self._weigh()
        model = self._kept.get(model_id)
        if model is None:
            model = self._kept[model_id] = formats.load(self._store.blobs.get(model_path(model_id)))
            self._bytes[model_id] = model.nbytes + OBJECT_BYTES
        self._kept.move_to_end(model_id)
        self._make_room()
        return model

    def clear(self) -> None:
        """Keep none, and give the memory back."""
        self._kept.clear()
        self._bytes.clear()

    def _weigh(self) -> None:
        """Weigh the model that was asked last."""
        if self._kept:
            last, model = next(reversed(self._kept.items()))
            if model.network.buffer_nbytes > KEPT_BUFFER_BYTES:
                model.network.clear_buffers()
            self._bytes[last] = model.nbytes + OBJECT_BYTES

    def _make_room(self) -> None:
        while len(self._kept) > 1 and sum(self._bytes.values()) > self._most_bytes:
            gone, _ = self._kept.popitem(last=False)
            del self._bytes[gone]

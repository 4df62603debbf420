"""Calls of `/v1/models` and `/v1/aliases`."""

import base64
import json
import os
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from neurond.answers import Prediction
from neurond.calls import Calls, address, parameters, said
from neurond.handles import Alias, Model, Rows


class ModelCalls(Calls):
    """Read, ask, name, export, import and delete models."""

    def models(self, *, limit: int | None = None, name: str | None = None) -> Iterator[Model]:
        """Models, newest first, at most `limit`; `name` keeps those that are called so."""
        return self._pages("/v1/models", Model, limit, name=name)

    def model(self, model_id: str) -> Model:
        """Read a model, by its ID or an alias."""
        return Model.by(self, self._send("GET", address("models", model_id)))

    def predict(
        self, model_id: str, inputs: Rows, *, unknown: Literal["missing", "refuse"] | None = None
    ) -> Prediction:
        """Ask a model about rows, in the units of the data that it was trained on.

        `unknown` says what a category is that training never saw: "missing", as when it is not said, or "refuse".
        """
        return self._ask(model_id, json={"inputs": inputs} | said({"unknown": unknown}))

    def predict_csv(self, model_id: str, text: bytes, **options: Any) -> Prediction:
        """Ask a model about the rows of a CSV file, at most 10,000, by its columns' names.

        `options` say how it is written, `header`, `decimal`, `thousands`, `encoding`, and what is `unknown`.
        """
        query = parameters(options)
        return self._ask(model_id, content=text, params=query, headers={"Content-Type": "text/csv"})

    def predict_image(
        self, model_id: str, image: bytes, *, kind: str = "png", return_input: bool = False
    ) -> Prediction:
        """Ask a model of images about one: the bytes of a PNG or, with `kind="jpeg"`, of a JPEG.

        With `return_input` the answer's `inputs` hold the picture as the network saw it.
        """
        encoded = base64.b64encode(image).decode()
        body = {"image": f"data:image/{kind};base64,{encoded}"}
        return self._ask(model_id, json={**body, "return_input": True} if return_input else body)

    def predict_array(self, model_id: str, array: bytes) -> Prediction:
        """Ask a model about the rows of a NumPy array, the bytes of an .npy file."""
        return self._ask(model_id, content=array, headers={"Content-Type": "application/x-npy"})

    def _ask(self, model_id: str, **body: Any) -> Prediction:
        response = self._send("POST", address("models", model_id, "predictions"), **body)
        return Prediction.model_validate_json(response.content)

    def export(self, model_id: str, path: str | os.PathLike[str], *, format: str = "safetensors") -> int:  # noqa: A002  # the API's word
        """Write a model's weights to a file: 'safetensors', 'npz' or 'onnx'. The file is there whole or not at all.

        Returns:
            How many bytes it has.

        """
        target, place = Path(path), address("models", model_id, "export")
        with self._connection.stream("GET", place, params={"format": format}) as response:
            if target.exists() and not target.is_file():  # a pipe or a device: it is written to, not replaced
                with target.open("wb") as file:
                    return sum(file.write(chunk) for chunk in response.iter_bytes())
            part = target.with_name(f".{target.name}.{uuid.uuid4().hex}.part")
            try:
                with part.open("xb") as file:
                    written = sum(file.write(chunk) for chunk in response.iter_bytes())
                part.replace(target)
            finally:
                part.unlink(missing_ok=True)
            return written

    def import_model(
        self, path: str | os.PathLike[str], *, name: str | None = None, architecture: Mapping[str, Any] | None = None
    ) -> Model:
        """Bring a model from a safetensors or npz file; `architecture` tells what a plain state dict does not."""
        described = None if architecture is None else json.dumps(dict(architecture))
        source = Path(path)
        with source.open("rb") as file:
            form = said({"name": name, "architecture": described})
            return Model.by(self, self._send("POST", "/v1/models", data=form, files={"file": (source.name, file)}))

    def delete_model(self, model_id: str) -> None:
        """Delete a model."""
        self._send("DELETE", address("models", model_id))

    def alias(self, name: str, model_id: str) -> Alias:
        """Let a name stand for a model from now on."""
        return Alias.by(self, self._send("PUT", address("aliases", name), json={"model_id": model_id}))

    def aliases(self, *, limit: int | None = None) -> Iterator[Alias]:
        """Names that stand for models, the newest first, at most `limit`."""
        return self._pages("/v1/aliases", Alias, limit)

    def read_alias(self, name: str) -> Alias:
        """Read a name: the model that it stands for now."""
        return Alias.by(self, self._send("GET", address("aliases", name)))

    def delete_alias(self, name: str) -> None:
        """Let a name stand for nothing; the model stays."""
        self._send("DELETE", address("aliases", name))

"""Models in and out, in the child process: from outside and checked, or stored and written in another format."""

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from nn import formats
from nn.errors import FormatError
from worker.errors import RecordTooLargeError
from worker.store import models
from worker.store.blobs import Blobs, model_path
from worker.store.uploads import UploadedFile, open_upload, staged_path


def import_model(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Check an uploaded model and keep it in our own format; NNError says what is wrong.

    It is run once, on a row of zeros, or of missing values: what that takes is taken here, where memory and time are
    bounded.
    """
    blobs, upload = Blobs(asked["blob_url"]), asked["id"]
    data = open_upload(blobs, upload, UploadedFile(**asked["file"])).read()
    model = formats.load(data, architecture=asked["architecture"])
    model.predict(np.full((1, model.input_size), np.nan if model.columns else 0.0))
    stored = formats.save(model)
    try:
        record = models.describe(
            name=asked["name"],
            job_id=None,
            dataset=None,
            task=model.task,
            classes=list(model.classes),
            architecture=model.architecture,
            metrics={},
            sha256=hashlib.sha256(stored).hexdigest(),
            size_bytes=len(stored),
        )
    except RecordTooLargeError as error:
        raise FormatError(str(error)) from None
    blobs.put(staged_path(upload), stored)
    return {"record": record}


def convert_model(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Write a stored model in another format; NNError where that cannot be done."""
    blobs = Blobs(asked["blob_url"])
    model = formats.load(blobs.get(model_path(asked["model_id"])))
    blobs.put(staged_path(asked["id"]), formats.save(model, asked["format"]))
    return {}

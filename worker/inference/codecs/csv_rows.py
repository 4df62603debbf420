"""Rows as CSV: read as an upload is, for the columns of the model."""

import io

import numpy as np

from nn import Model
from nn.data.notation import Marks
from nn.data.notes import Notes
from nn.data.readers import csv
from nn.errors import NNError
from worker.errors import PredictionInputError
from worker.inference.codecs.decoded_input import MAX_ROWS, DecodedInput, check_count
from worker.inference.dataset_rows import aligned
from worker.ingest.read import text_options
from worker.jobspec.dataset import TextSpec
from worker.store.prediction_queue import Request


def read(model: Model, request: Request) -> DecodedInput:
    """All rows of the file. `about` may say `text`, how it is written, and `unknown`, what an unseen category is."""
    spec, notes, rows = TextSpec.model_validate(request.about.get("text", {})), Notes(), 0
    try:
        options = text_options(spec, len(request.body), model.column_names)
        source = csv.source({"file": io.BytesIO(request.body)}, options)
        marks, unknown = Marks(spec.decimal, spec.thousands), request.about.get("unknown", "missing")
        parts = []
        for portion in aligned(model, source, None, marks, unknown, notes):
            request.check_deadline()
            parts.append(portion.x)
            rows += len(portion.x)
            if rows > MAX_ROWS:
                break
    except NNError as error:
        raise PredictionInputError("#", str(error)) from None
    check_count(rows, "#")
    return DecodedInput(np.concatenate(parts), {"notes": notes.listed()})

"""What can be asked for, as data: every row of every table of `nn`, with its options as JSON Schema.

    python -m nn.catalogue    writes worker/jobspec/catalogue.json

The API, which must not import NumPy, makes its schemas of that file, the page its form, the command line its help.
"""

import inspect
import json
from pathlib import Path
from typing import Any, Final

from nn import registry
from nn.activations import ACTIVATIONS
from nn.data.augmentation import Augmentation
from nn.data.readers import READERS, Reader
from nn.errors import NNError
from nn.formats import FORMATS
from nn.initializers import INITIALIZERS
from nn.layers import LAYERS
from nn.losses import LOSSES
from nn.metrics import METRICS
from nn.optimizers import OPTIMIZERS
from nn.options import Declared
from nn.preprocessing import PREPROCESSING
from nn.schedules import SCHEDULES
from nn.training.distillation import Teacher
from nn.training.early_stopping import EarlyStopping
from nn.training.options import TrainingOptions

FILE: Final = Path(__file__).parents[1] / "worker" / "jobspec" / "catalogue.json"
READERS_BESIDE: Final = "worker.ingest.readers"
"""The package of the readers that need more than NumPy."""


def catalogue() -> dict[str, Any]:
    """All rows by their tables."""
    readers = {**READERS, **registry.instances(READERS_BESIDE, Reader)}
    return {
        "activations": {name: _first_line(f) for name, f in ACTIVATIONS.items()},
        "augmentation": described(Augmentation),
        "early_stopping": described(EarlyStopping),
        "errors": sorted({error.code for error in NNError.__subclasses__()}),
        "exports": sorted(FORMATS),
        "initializers": sorted(INITIALIZERS),
        "layers": {
            name: described(layer) | _said(takes=layer.takes, makes=layer.makes, window=layer.window)
            for name, layer in LAYERS.items()
        },
        "losses": {
            name: described(loss)
            | {"tasks": sorted(loss.output)}
            | _said(classes=loss.classes, usual_for=loss.usual_for)
            for name, loss in LOSSES.items()
        },
        "metrics": {
            name: {"task": row.task, "title": row.title, "better": row.better, "format": row.format}
            | _said(headline=row.headline)
            for name, row in METRICS.items()
        },
        "optimizers": {name: described(optimizer) for name, optimizer in OPTIMIZERS.items()},
        "preprocessing": {name: {"says": row.says} | _said(needs=row.needs) for name, row in PREPROCESSING.items()},
        "readers": {name: {"says": row.says, "extensions": list(row.extensions)} for name, row in readers.items()},
        "schedules": {name: described(schedule) for name, schedule in SCHEDULES.items()},
        "teacher": described(Teacher),
        "training": described(TrainingOptions),
    }


def described(part: type[Declared]) -> dict[str, Any]:
    """A class as a row: what it is called in the API's schemas, what it does, its options."""
    options = {name: option.schema() for name, option in part.options.items()}
    return {"class": part.__name__, "says": _first_line(part), "options": options}


def _first_line(documented: Any) -> str:
    return (inspect.getdoc(documented) or "").partition("\n")[0]


def _said(**rules: Any) -> dict[str, Any]:
    return {name: value for name, value in rules.items() if value is not None}


def text() -> str:
    """The file's text."""
    return json.dumps(catalogue(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), "utf-8")

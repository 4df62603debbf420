"""What may be said of an upload beside its bytes."""

from worker.jobspec.dataset import DatasetSpec

SPECS = [
    DatasetSpec.model_validate(said)
    for said in (
        {},
        {"task": "regression"},
        {"task": "classification"},
        {"target": "y"},
        {"header": False},
        {"header": True, "categorical": "a"},
    )
]

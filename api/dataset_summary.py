"""What a job or a prediction has to know of its data set before it is queued."""

from collections.abc import Mapping
from typing import Any

from api.errors import bad_input
from api.services import services
from worker.errors import NotReadyError
from worker.store.builtin import IMAGE_DATASETS


def summary_of(name: str) -> Mapping[str, Any]:
    """`task`, `classes`, `input_shape` and more of a data set, built in or uploaded.

    Raises:
        NotFoundError: there is none.
        NotReadyError: it is still read.
        Problem: 422, it could not be read.

    """
    if name in IMAGE_DATASETS:
        files = IMAGE_DATASETS[name]
        return {"task": files.task, "classes": files.classes, "input_shape": files.shape}
    record = services().store.datasets.get(name)
    if record.error is not None:
        detail = f"expected a data set that is ready, got one that could not be read: {record.error['message']}"
        raise bad_input([{"pointer": "#/dataset", "detail": detail}])
    if record.about is None:
        raise NotReadyError(f"the data set {name!r} is still read; wait until its status is ready")
    return record.about


def learnable_summary_of(name: str) -> Mapping[str, Any]:
    """`summary_of` a data set that a model can be trained on.

    Raises:
        Problem: 422, its rows are only to be predicted, too.

    """
    summary = summary_of(name)
    if summary["task"] is None:
        detail = (
            f"expected a data set to train on, got {name!r}, which was uploaded with purpose=prediction; "
            f'read it again: POST /v1/datasets {{"from": "{name}", "purpose": "training"}}'
        )
        raise bad_input([{"pointer": "#/dataset", "detail": detail}])
    return summary

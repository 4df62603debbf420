"""What a job may ask for, as `GET /v1/catalogue` has it."""

from typing import Any, Final, Literal

from pydantic import ConfigDict, Field

from api.schemas.common import Answered
from worker.jobspec import CATALOGUE, PRESETS

Rows = dict[str, dict[str, Any]]

LISTS: Final = {name for name, table in CATALOGUE.items() if isinstance(table, list)}
WHOLE: Final = {name for name, table in CATALOGUE.items() if "options" in table}

EXAMPLE: Final[dict[str, Any]] = {"object": "catalogue", "presets": {"quick": PRESETS["quick"]}} | {
    name: table if name in WHOLE else table[:1] if name in LISTS else dict([next(iter(table.items()))])
    for name, table in CATALOGUE.items()
}
"""The first row of each table."""


class CatalogueTables(Answered):
    """Each table by the names of its rows. A row's `options` are properties of JSON Schema."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    object: Literal["catalogue"]
    activations: dict[str, str] = Field(description="name → formula")
    layers: Rows = Field(description="what may stand in `model.layers` besides the activations")
    losses: Rows = Field(description="`tasks`: those that a loss can train")
    optimizers: Rows
    schedules: Rows
    augmentation: dict[str, Any]
    training: dict[str, Any] = Field(description="options of `training` that are numbers or flags")
    preprocessing: Rows
    initializers: list[str]
    metrics: Rows = Field(description="`better`: higher or lower; jobs are sorted by those with a `headline`")
    readers: Rows = Field(description="formats of data sets, and how names of such files end")
    exports: list[str] = Field(description="formats of models")
    presets: Rows = Field(description="`spec`: what a preset says; `config`: all that holds with it, for MNIST")

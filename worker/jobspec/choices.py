"""The parts of a spec of which there are several kinds, told apart by `type` or `name`: the tables of `nn`.

A loss is written as its name, or as an object with its name and options; answers have the name alone where all options
are the defaults. Which task a loss can train is known when the data is read.
"""

from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, TypeAlias

from pydantic import BeforeValidator, Discriminator, Field, PlainSerializer, StrictStr, Tag

from worker.jobspec.catalogue import CATALOGUE, Row, names, part, parts, type_of, union
from worker.jobspec.presets import PRESETS

LAYERS: Final = parts("layers", "type")
LOSSES: Final = parts("losses", "name")
OPTIMIZERS: Final = parts("optimizers", "name")
SCHEDULES: Final = parts("schedules", "name")

BALANCED: Final = "balanced"
BY_CLASS: Final = "by_class"

KINDS: Final = frozenset(
    name for table in ("activations", "layers", "losses", "optimizers", "schedules") for name in CATALOGUE[table]
) | {BALANCED, BY_CLASS}
"""The names by which a part of a spec says what it is, or we tell it."""


def _kind_of_weights(given: Any) -> str | None:
    return BY_CLASS if isinstance(given, dict) else BALANCED if given == BALANCED else None


ClassWeights = Annotated[
    Annotated[Literal["balanced"], Tag(BALANCED)]
    | Annotated[
        dict[
            Annotated[StrictStr, Field(max_length=256)],
            Annotated[float, Field(strict=True, gt=0, le=1e6, allow_inf_nan=False)],
        ],
        Field(min_length=1, max_length=8192),
        Tag(BY_CLASS),
    ],
    Discriminator(
        _kind_of_weights,
        custom_error_type="class_weights",
        custom_error_message=f"Expected {BALANCED!r}, or numbers by the names of classes",
    ),
]


def _spelled_out(given: Any) -> Any:
    if not isinstance(given, str):
        return given
    if given not in LOSSES:
        raise ValueError(f"expected one of {', '.join(map(repr, LOSSES))}")
    return {"name": given}


def _shortened(loss: Row) -> str | dict[str, Any]:
    name: str = loss.name
    return name if loss == type(loss).model_validate({"name": name}) else loss.model_dump()


if TYPE_CHECKING:
    Activation: TypeAlias = str
    PresetName: TypeAlias = str
    Initializer: TypeAlias = str
    Preprocessing: TypeAlias = str
    Augmentation: TypeAlias = Row
    EarlyStopping: TypeAlias = Row
    Layer: TypeAlias = Row
    Loss: TypeAlias = Row
    Optimizer: TypeAlias = Row
    TeacherOptions: TypeAlias = Row
    TrainingOptions: TypeAlias = Row
    Schedule: TypeAlias = Row
    Width: TypeAlias = int
else:
    Activation, Initializer, Preprocessing = map(names, ("activations", "initializers", "preprocessing"))
    PresetName = Literal[tuple(PRESETS)]
    Width = type_of(CATALOGUE["layers"]["dense"]["options"]["units"])
    Augmentation, EarlyStopping, TeacherOptions, TrainingOptions = (
        part(CATALOGUE[name]) for name in ("augmentation", "early_stopping", "teacher", "training")
    )

    class ActivationLayer(Row):
        """A function of each number on its own."""

        type: Activation

    Layer = union((ActivationLayer, *LAYERS.values()), "type")
    Optimizer = union(OPTIMIZERS.values(), "name")
    Schedule = union(SCHEDULES.values(), "name")
    AnyLoss = union(LOSSES.values(), "name")
    Loss = Annotated[
        AnyLoss,
        BeforeValidator(_spelled_out, json_schema_input_type=Literal[tuple(LOSSES)] | AnyLoss),
        PlainSerializer(_shortened),
    ]

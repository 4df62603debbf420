"""Options: what can be chosen of a layer, a loss, a schedule, …, declared once, as a field of its class.

    class Step(Schedule):
        every: int = option(10, most=10_000, says="epochs from one drop to the next")

The constructor, its checks, `config()`, the known keys and the row in the catalogue (`nn.catalogue`, from which the
API makes its schemas, the page its form and the reference its tables) all follow from the declaration.
"""

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, ClassVar, Final, get_args

from nn import checks
from nn.errors import SpecError

REQUIRED: Final = inspect.Parameter.empty
"""In place of a default: the option must be given."""

KINDS: Final = {bool: "boolean", int: "integer", float: "number", str: "string"}
"""What JSON Schema calls a field's type."""


@dataclass(frozen=True)
class Option:
    """A declared field; `says` and the bounds go to the catalogue."""

    default: Any
    says: str
    bounds: Mapping[str, float]
    """Those of JSON Schema: `minimum`, `exclusiveMinimum`, `maximum`, `exclusiveMaximum`."""
    in_a_job: Mapping[str, Any]
    """Entries of the catalogue that hold for jobs alone: a narrower bound, or another default."""
    among: Mapping[str, Any] | None
    needs: str | None
    less_than: str | None
    one_per_class: bool
    name: str = ""
    kind: type = float
    nullable: bool = False
    listed: bool = False

    def check(self, value: Any, what: str) -> Any:
        """`value` as the field holds it; SpecError."""
        if value is None and self.nullable:
            return None
        if self.listed:
            if not isinstance(value, Sequence) or isinstance(value, str) or not value:
                raise SpecError(f"{what}: expected a list of numbers, got {value!r}")
            return [self._one(entry, what) for entry in value]
        return self._one(value, what)

    def _one(self, value: Any, what: str) -> Any:
        if self.kind is bool:
            return checks.flag(value, what)
        if self.among is not None:
            checks.lookup(self.among, value, what)
            return value
        number: Any = checks.integer if self.kind is int else checks.real
        return number(value, what, **{ARGUMENTS[bound]: limit for bound, limit in self.bounds.items()})

    def parameter(self) -> inspect.Parameter:
        """The field as an argument of the constructor, for `help`."""
        how = inspect.Parameter.POSITIONAL_OR_KEYWORD if self.default is REQUIRED else inspect.Parameter.KEYWORD_ONLY
        return inspect.Parameter(self.name, how, default=self.default, annotation=self.kind)

    def schema(self) -> dict[str, Any]:
        """The field as a property of JSON Schema; `needs` and `less_than` are rules of our own (`worker.jobspec`)."""
        one: dict[str, Any] = {"type": KINDS[self.kind], **self.bounds}
        if self.among is not None:
            one["enum"] = sorted(self.among)
        stated: dict[str, Any] = {"type": "array", "items": one} if self.listed else one
        if self.nullable:
            stated = {**stated, "type": [stated["type"], "null"]}
        if self.default is not REQUIRED:
            stated["default"] = self.default
        rules = {"needs": self.needs, "less_than": self.less_than, "one_per_class": self.one_per_class}
        stated |= {rule: of for rule, of in ({"description": self.says} | rules).items() if of}
        return stated | dict(self.in_a_job)


ARGUMENTS: Final = {"minimum": "least", "exclusiveMinimum": "above", "maximum": "most", "exclusiveMaximum": "below"}
"""What `nn.checks` calls the bounds of JSON Schema."""


def option(
    default: Any = REQUIRED,
    *,
    says: str = "",
    least: float | None = None,
    above: float | None = None,
    most: float | None = None,
    below: float | None = None,
    among: Mapping[str, Any] | None = None,
    needs: str | None = None,
    less_than: str | None = None,
    one_per_class: bool = False,
    in_a_job: Mapping[str, Any] = MappingProxyType({}),
) -> Any:
    """Declare a field: a number within bounds, a name `among` those of a table, a flag, or a list, by its annotation.

    Without `least` and `above` a whole number is at least 1, any other at least 0. `needs` names an option that must be
    set for this one to mean anything; `less_than` one of the training's that is larger; `one_per_class`: a list has one
    number for each class.
    """
    limits = {"minimum": least, "exclusiveMinimum": above, "maximum": most, "exclusiveMaximum": below}
    bounds = {name: limit for name, limit in limits.items() if limit is not None}
    return Option(default, says, bounds, in_a_job, among, needs, less_than, one_per_class)


class Declared:
    """A class with options. A subclass declares them; its `prepare` runs once they are checked and set."""

    kind: ClassVar[str] = ""
    """Its name in a specification."""
    options: ClassVar[Mapping[str, Option]] = {}
    __signature__: ClassVar[inspect.Signature]

    def __init_subclass__(cls, *, inherits: bool = True) -> None:
        super().__init_subclass__()
        own = {}
        for name, annotation in inspect.get_annotations(cls).items():
            declared = cls.__dict__.get(name)
            if isinstance(declared, Option):
                own[name] = _completed(declared, name, annotation)
                delattr(cls, name)
        if own or not inherits:  # a class with several bases finds its options along them
            cls.options = {**cls.options, **own} if inherits else own
        if cls.__init__ is Declared.__init__:
            cls.__signature__ = inspect.Signature([declared.parameter() for declared in cls.options.values()])

    def __init__(self, *values: Any, **named: Any) -> None:
        """Options in the order of their declaration, or by name; SpecError."""
        if len(values) > len(self.options):
            raise TypeError(f"{type(self).__name__}: expected at most {len(self.options)} options, got {len(values)}")
        given = dict(zip(self.options, values, strict=False)) | named
        what = self.kind
        checks.known_keys(given, self.options, what)
        for name, declared in self.options.items():
            value = given.get(name, declared.default)
            if value is REQUIRED:
                raise SpecError(f"{what}: expected the option {name!r}, got {', '.join(given) or 'none'}")
            setattr(self, name, declared.check(value, f"{what} {name}"))
        for name, declared in self.options.items():
            if declared.needs and getattr(self, name) and not getattr(self, declared.needs):
                raise SpecError(f"{what} {name}: expected a {declared.needs} above 0 with it, got 0")
        self.prepare()

    def prepare(self) -> None:
        """Work out what follows from the options."""

    def chosen(self) -> dict[str, Any]:
        """Every option and its value; JSON-able."""
        return {name: getattr(self, name) for name in self.options}


def _completed(declared: Option, name: str, annotation: Any) -> Option:
    """The option with what its annotation says: float, int, bool, str, and Sequence[float] | None."""
    parts = [part for part in get_args(annotation) or (annotation,) if part is not type(None)]
    nullable = len(get_args(annotation)) > len(parts)
    annotation = parts[0] if nullable else annotation
    listed = bool(get_args(annotation))
    kind = get_args(annotation)[0] if listed else annotation
    bounds = declared.bounds
    if kind in {int, float} and not bounds.keys() & {"minimum", "exclusiveMinimum"}:
        bounds = {"minimum": 1 if kind is int else 0, **bounds}
    return replace(declared, bounds=bounds, name=name, kind=kind, nullable=nullable, listed=listed)

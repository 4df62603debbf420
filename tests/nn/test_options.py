"""Options are declared once: what a class declares is what it takes, checks, tells and describes."""

import inspect
from collections.abc import Sequence

import pytest

from nn import LOSSES, SpecError
from nn.options import Declared, option


class Spring(Declared):
    """A part with one option of each kind."""

    kind = "spring"
    coils: int = option(most=20, says="how often the wire goes round")
    stiffness: float = option(2.0, above=0, in_a_job={"maximum": 5})
    damped: bool = option(False, needs="damping")
    damping: float = option(0.0, below=1)
    wire: str = option("steel", among={"steel": 1, "brass": 2})
    marks: Sequence[float] | None = option(None)


def test_options_are_taken_in_order_or_by_name_and_told_back() -> None:
    assert Spring(3, 4).chosen() == Spring(coils=3, stiffness=4.0).chosen()
    assert Spring(3, marks=[1, 2]).chosen() == {
        "coils": 3,
        "stiffness": 2.0,
        "damped": False,
        "damping": 0.0,
        "wire": "steel",
        "marks": [1.0, 2.0],
    }


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "spring: expected the option 'coils', got none"),
        ({"coils": 0}, "spring coils: expected a whole number of at least 1, got 0"),
        ({"coils": 21}, "spring coils: expected a whole number of at most 20, got 21"),
        ({"coils": True}, "spring coils: expected a whole number"),
        ({"coils": 1, "stiffness": 0}, "spring stiffness: expected a number above 0, got 0"),
        ({"coils": 1, "damping": 1}, "spring damping: expected a number of at least 0 and below 1, got 1"),
        ({"coils": 1, "damped": 1}, "spring damped: expected true or false, got 1"),
        ({"coils": 1, "damped": True}, "spring damped: expected a damping above 0 with it, got 0"),
        ({"coils": 1, "wire": "gold"}, "spring wire: expected one of brass, steel, got 'gold'"),
        ({"coils": 1, "marks": 3}, "spring marks: expected a list of numbers, got 3"),
        ({"coils": 1, "colour": "red"}, "spring: unknown option 'colour'"),
    ],
)
def test_an_option_that_cannot_be_is_refused(options: dict, said: str) -> None:
    with pytest.raises(SpecError, match=said):
        Spring(**options)


def test_more_options_than_there_are_cannot_be_given() -> None:
    with pytest.raises(TypeError, match="Spring: expected at most 6 options, got 7"):
        Spring(1, 2, False, 0, "steel", None, 3)


def test_options_describe_themselves_in_json_schema() -> None:
    assert {name: declared.schema() for name, declared in Spring.options.items()} == {
        "coils": {"type": "integer", "minimum": 1, "maximum": 20, "description": "how often the wire goes round"},
        "stiffness": {"type": "number", "exclusiveMinimum": 0, "default": 2.0, "maximum": 5},
        "damped": {"type": "boolean", "default": False, "needs": "damping"},
        "damping": {"type": "number", "minimum": 0, "exclusiveMaximum": 1, "default": 0.0},
        "wire": {"type": "string", "enum": ["brass", "steel"], "default": "steel"},
        "marks": {"type": ["array", "null"], "items": {"type": "number", "minimum": 0}, "default": None},
    }


def test_a_subclass_has_the_options_of_its_base_first() -> None:
    class Coil(Spring):
        kind = "coil"
        turns: int = option(1)

    assert [*Coil.options] == [*Spring.options, "turns"]


def test_a_signature_names_what_the_constructor_takes() -> None:
    assert [*inspect.signature(Spring).parameters] == [*Spring.options]
    for loss in LOSSES.values():
        assert next(iter(inspect.signature(loss).parameters)) == "task"

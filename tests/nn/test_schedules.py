"""Schedules at the points that define them."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nn import SCHEDULES, SpecError
from nn.schedules import schedule_from


@pytest.mark.parametrize(
    ("config", "points"),
    [
        (None, {0: 1, 9.9: 1}),
        ({"name": "constant"}, {0: 1, 9.9: 1}),
        ({"name": "step", "every": 3, "gamma": 0.5}, {0: 1, 2.99: 1, 3: 0.5, 9: 0.125}),
        ({"name": "exponential", "gamma": 0.5}, {0: 1, 1: 0.5, 0.5: math.sqrt(0.5)}),
        ({"name": "cosine"}, {0: 1, 5: 0.5, 10: 0}),
        ({"name": "cosine", "warmup": 2, "floor": 0.1}, {1: 0.5, 2: 1, 6: 0.55, 10: 0.1}),
        ({"name": "one_cycle", "rise": 0.2, "divide": 10}, {0: 0.1, 1: 0.55, 2: 1, 10: 1e-5}),
    ],
)
def test_factors(config, points):
    schedule = schedule_from(config, 10)

    for t, factor in points.items():
        assert schedule.factor(t, 10) == pytest.approx(factor)


@pytest.mark.parametrize("name", SCHEDULES)
@given(t=st.floats(0, 9.999))
def test_every_schedule_stays_above_zero_and_within_its_peak(name, t):
    assert 0 < schedule_from({"name": name}, 10).factor(t, 10) <= 1 + 1e-12


def test_plateau_waits_and_then_reduces():
    schedule = schedule_from({"name": "reduce_on_plateau", "gamma": 0.5, "patience": 1}, 10)
    factors = []

    for loss in (3.0, 2.0, 2.0, 2.5, 1.0, 1.0, 1.0):
        schedule.observe(loss)
        factors.append(schedule.factor(0, 10))

    assert factors == [1, 1, 1, 0.5, 0.5, 0.5, 0.25]


def test_plateau_goes_on_from_its_state():
    one = schedule_from({"name": "reduce_on_plateau", "gamma": 0.5, "patience": 0}, 10)
    one.observe(1.0)
    one.observe(2.0)
    other = schedule_from({"name": "reduce_on_plateau", "gamma": 0.5, "patience": 0}, 10)

    other.restore(one.state())
    other.observe(1.5)

    assert other.factor(0, 10) == 0.25


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"name": "linear"}, "schedule: expected one of"),
        ({}, "schedule: expected one of"),
        ({"name": "cosine", "warmup": 10}, "cosine warmup: expected less than the 10 epochs, got 10"),
        ({"name": "cosine", "cycles": 2}, "unknown option 'cycles'"),
        ({"name": "step", "every": 0}, "every"),
        ({"name": "exponential", "gamma": 0}, "gamma"),
        ({"name": "one_cycle", "rise": 1.0}, "rise"),
        ({"name": "reduce_on_plateau", "patience": -1}, "patience"),
    ],
)
def test_a_schedule_that_cannot_be_is_refused(config, said):
    with pytest.raises(SpecError, match=said):
        schedule_from(config, 10)

import pytest

from worker.store import Store
from worker.store.queue_position import Turn, starts_in


@pytest.mark.parametrize(
    ("ahead", "workers", "usual", "remaining", "expected"),
    [
        (0, 1, None, [], 0.0),  # someone is free
        (1, 2, None, [], 0.0),
        (0, 0, 10.0, [], None),  # nobody is at work
        (0, 1, None, [7.0], 7.0),  # the next after the one that runs
        (0, 2, 10.0, [30.0, 7.0], 7.0),
        (1, 1, None, [7.0], None),  # no job has ended yet
        (3, 1, 10.0, [7.0], 37.0),
        (4, 2, 10.0, [8.0, 12.0], 30.0),
        (2, 2, 10.0, [5.0], 7.5),  # one of two is free
    ],
)
def test_a_turn_is_told_by_what_runs_and_what_waits_before(
    ahead: int, workers: int, usual: float | None, remaining: list[float], expected: float | None
) -> None:
    assert starts_in(ahead, workers=workers, usual=usual, remaining=remaining) == expected


def test_the_places_of_those_that_wait_are_told(store: Store) -> None:
    made = [store.jobs.create({"epochs": 1}, most_queued=10)[0].id for _ in range(4)]
    store.workers.sign("training", "t@host")
    done = store.jobs.claim("worker", 10_000)
    store.jobs.finish(done, "succeeded")
    store.jobs.claim("worker", 10_000)

    turns = store.queue_positions.of(made)

    assert set(turns) == set(made[2:])
    assert [turns[job_id].position for job_id in made[2:]] == [1, 2]
    assert all(isinstance(turn, Turn) and turn.starts_in_seconds is not None for turn in turns.values())
    assert store.queue_positions.of([]) == {}

"""Lists of jobs by what is sought and by a figure: each page goes on where the one before ended, with bounded work."""

import itertools

import pytest
from redis import Redis

from worker.errors import NotFoundError
from worker.store import Store, keys, listing
from worker.store.jobs import Job, Jobs
from worker.store.listing import NEWEST_FIRST, Order, Sought

BEST_FIRST = Order("test_accuracy")
LEAST_ERROR_FIRST = Order("test_rmse", reversed=False)


@pytest.fixture
def jobs(store: Store) -> Jobs:
    return store.jobs


def create(jobs: Jobs, **config: object) -> Job:
    return jobs.create({"dataset": "mnist", "metadata": {}, "name": None} | config, most_queued=10_000)[0]


def succeeded(jobs: Jobs, metrics: dict[str, float], **config: object) -> Job:
    create(jobs, **config)
    claim = jobs.claim("worker", 60_000)
    assert claim is not None
    jobs.finish(claim, "succeeded", metrics=metrics)
    return jobs.get(claim.record.id)


def pages(jobs: Jobs, sought: Sought, order: Order, *, limit: int, between: object = lambda: None) -> list[list[str]]:
    """The IDs of all pages; `between` is done after each."""
    after, found = None, []
    for _ in range(1000):
        page = jobs.listing(sought, order, limit=limit, after=after)
        found.append([job.id for job in page.data])
        assert page.has_more is (page.next is not None)
        if not page.has_more:
            return found
        between()
        after = page.next
    raise AssertionError("the pages have no end")


def ids(pages: list[list[str]]) -> list[str]:
    return list(itertools.chain(*pages))


def test_jobs_are_sorted_by_a_figure_page_by_page(jobs: Jobs) -> None:
    made = {figure: succeeded(jobs, {"test_accuracy": figure}).id for figure in (0.9, 0.7, 0.95, 0.1, 0.8)}
    create(jobs)

    down = pages(jobs, Sought(), BEST_FIRST, limit=2)
    up = pages(jobs, Sought(), Order("test_accuracy", reversed=False), limit=2)

    assert down == [[made[0.95], made[0.9]], [made[0.8], made[0.7]], [made[0.1]]]
    assert ids(up) == ids(down)[::-1]


def test_only_those_that_have_the_figure_are_in_its_order(jobs: Jobs) -> None:
    classes = succeeded(jobs, {"test_accuracy": 0.5, "validation_accuracy": 0.6})
    number = succeeded(jobs, {"test_rmse": 3.0, "test_r2": float("nan")})

    assert ids(pages(jobs, Sought(), BEST_FIRST, limit=9)) == [classes.id]
    assert ids(pages(jobs, Sought(), LEAST_ERROR_FIRST, limit=9)) == [number.id]
    assert ids(pages(jobs, Sought(), Order("test_r2"), limit=9)) == []
    assert set(ids(pages(jobs, Sought(), Order("duration"), limit=9))) == {classes.id, number.id}


def test_one_that_was_cancelled_first_is_in_no_order(jobs: Jobs) -> None:
    create(jobs)
    claim = jobs.claim("worker", 60_000)
    assert claim is not None
    jobs.cancel(claim.record.id)

    assert jobs.finish(claim, "succeeded", metrics={"test_accuracy": 0.9}) == "cancelled"

    assert ids(pages(jobs, Sought(), BEST_FIRST, limit=9)) == []


def test_pages_of_an_order_meet_none_twice_and_miss_none_while_jobs_end(jobs: Jobs) -> None:
    before = {succeeded(jobs, {"test_accuracy": number % 7 / 10}).id for number in range(25)}
    figures = itertools.cycle([0.65, 0.05, 0.3, 0.6, 0.0])

    met = ids(
        pages(jobs, Sought(), BEST_FIRST, limit=4, between=lambda: succeeded(jobs, {"test_accuracy": next(figures)}))
    )

    assert len(met) == len(set(met))
    assert before <= set(met)


def test_a_job_that_leaves_its_state_between_two_pages_loses_nobody(jobs: Jobs) -> None:
    made = [create(jobs).id for _ in range(6)]
    first = jobs.listing(Sought(status="queued"), NEWEST_FIRST, limit=3)
    jobs.cancel(first.data[-1].id)

    second = jobs.listing(Sought(status="queued"), NEWEST_FIRST, limit=3, after=first.next)

    assert [job.id for job in second.data] == made[2::-1]


def test_what_is_sought_is_found_in_every_order(jobs: Jobs) -> None:
    network = {
        "model": {"hidden_layers": [64, 32], "activation": "relu"},
        "training": {"optimizer": {"name": "adam", "learning_rate": 0.003}},
    }
    wide = succeeded(jobs, {"test_accuracy": 0.9}, name="Wide Übung", dataset="ds_1", metadata={"team": "a"})
    deep = succeeded(jobs, {"test_accuracy": 0.8}, name="deep", **network)
    waiting = create(jobs, name="deep", metadata={"team": "a"})

    for sought, expected in {
        Sought(dataset="ds_1"): [wide],
        Sought(name="deep"): [deep, waiting],
        Sought(metadata=("team", "a")): [wide, waiting],
        Sought(metadata=("team", "a"), status="queued"): [waiting],
        Sought(name="Wide Übung", dataset="ds_1"): [wide],
        Sought(name="wide übung"): [],
        Sought(name=""): [],
        Sought(metadata=("team", "b")): [],
        Sought(text="übung WIDE"): [wide],
        Sought(text="64-32 relu adam 0.003"): [deep],
        Sought(text="TEAM=a"): [wide, waiting],
        Sought(text=deep.id[-6:]): [deep],
        Sought(text=deep.id[-5:]): [],
        Sought(text="wide deep"): [],
        Sought(text="%.*["): [],
        Sought(text=" "): [wide, deep, waiting],
    }.items():
        newest = [job.id for job in reversed(expected)]
        assert ids(pages(jobs, sought, NEWEST_FIRST, limit=1)) == newest, sought
        best = [job.id for job in expected if job is not waiting]
        assert ids(pages(jobs, sought, BEST_FIRST, limit=1)) == best, sought


def test_work_for_a_page_is_bounded_and_the_next_goes_on(jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "LOOKED_AT_ONCE", 3)
    monkeypatch.setattr(listing, "MOST_LOOKED_AT", 6)
    oldest = create(jobs, name="needle")
    for _ in range(20):
        create(jobs)

    found = pages(jobs, Sought(text="needle"), NEWEST_FIRST, limit=5)

    assert ids(found) == [oldest.id]
    assert [len(page) for page in found] == [0, 0, 0, 1]


def test_what_has_expired_leaves_the_orders_by_itself(jobs: Jobs, redis: Redis) -> None:
    made = [succeeded(jobs, {"test_accuracy": number / 10}).id for number in range(6)]
    redis.delete(*(keys.JOB.record(job_id) for job_id in made[1:5]))

    page = jobs.listing(Sought(), BEST_FIRST, limit=2)

    assert [job.id for job in page.data] == [made[5], made[0]]
    assert not page.has_more
    assert redis.zcard(keys.JOB.by("test_accuracy")) == redis.zcard(keys.JOB.index) == 2
    redis.delete(keys.JOB.record(made[0]))
    jobs.forget_expired()
    assert redis.zrange(keys.JOB.by("duration"), 0, -1) == [made[5].encode()]


def test_a_job_that_is_deleted_leaves_every_order(jobs: Jobs, redis: Redis) -> None:
    job = succeeded(jobs, dict.fromkeys(keys.METRICS, 0.5))
    assert all(redis.zcard(keys.JOB.by(figure)) == 1 for figure in keys.JOB.figures)

    jobs.delete(job.id)

    assert not any(redis.exists(keys.JOB.by(figure)) for figure in keys.JOB.figures)


def test_a_page_after_a_job_that_is_not_in_the_order_is_refused(jobs: Jobs) -> None:
    waiting = create(jobs)

    with pytest.raises(NotFoundError, match="job with the figure test_accuracy"):
        jobs.listing(Sought(), BEST_FIRST, limit=1, after=waiting.id)
    with pytest.raises(NotFoundError, match="job_unknown"):
        jobs.listing(Sought(), NEWEST_FIRST, limit=1, after="job_unknown")


def test_jobs_of_an_earlier_version_are_sorted_in_once(jobs: Jobs, redis: Redis) -> None:
    old = succeeded(jobs, {"test_accuracy": 0.9}, name="old", dataset="ds_1")
    waiting = create(jobs, name="waiting")
    for job in (old, waiting):
        redis.hdel(keys.JOB.record(job.id), "text", "dataset")
    redis.delete(*map(keys.JOB.by, keys.JOB.figures))

    assert jobs.sort_in_older() == 2

    assert ids(pages(jobs, Sought(text="old", dataset="ds_1"), BEST_FIRST, limit=9)) == [old.id]
    assert ids(pages(jobs, Sought(text="waiting"), NEWEST_FIRST, limit=9)) == [waiting.id]
    assert jobs.sort_in_older() == 0

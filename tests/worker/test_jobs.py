"""Each step of a job's life by itself, every outcome of its script."""

from concurrent.futures import ThreadPoolExecutor
from itertools import chain

import pytest
from redis import Redis

from tests.support.builders.jobs import LEASE_MS, model
from worker.errors import IdempotencyConflictError, LeaseLostError, NotFoundError, QueueFullError
from worker.settings import Settings
from worker.store import Store, keys
from worker.store.claim import Claim
from worker.store.jobs import STATUSES, Job, Jobs


@pytest.fixture
def jobs(store: Store) -> Jobs:
    return store.jobs


def create(jobs: Jobs, **options: object) -> Job:
    job, _ = jobs.create({"dataset": "mnist"}, most_queued=100, **options)
    return job


def claim(jobs: Jobs, job: Job, owner: str = "worker") -> Claim:
    claimed = jobs.claim(owner, LEASE_MS)
    assert claimed is not None
    assert claimed.record.id == job.id
    return claimed


def expire(jobs: Jobs, job: Job, *, most_attempts: int = 3) -> str | None:
    """A reaper takes the job, whose lease it has watched in vain."""
    return jobs.take_expired(job.id, ends=jobs.leases()[job.id], most_attempts=most_attempts)


def placed(redis: Redis, job: Job) -> set[str]:
    """The indexes by status in which the job stands."""
    return {status for status in STATUSES if redis.zscore(keys.JOB.with_status(status), job.id) is not None}


def test_a_new_job_is_queued(jobs: Jobs, redis: Redis) -> None:
    job, new = jobs.create({"dataset": "mnist"}, most_queued=1)

    assert new
    assert (job.status, job.attempt, job.revision, job.config) == ("queued", 0, 1, {"dataset": "mnist"})
    assert placed(redis, job) == {"queued"}


def test_a_full_queue_takes_no_job_and_writes_nothing(jobs: Jobs, redis: Redis) -> None:
    jobs.create({}, most_queued=1)
    before = redis.dbsize()

    with pytest.raises(QueueFullError, match="1 jobs wait"):
        jobs.create({}, most_queued=1)

    assert redis.dbsize() == before


def test_an_idempotency_key_makes_one_job(jobs: Jobs) -> None:
    first, new = jobs.create({}, most_queued=9, idempotency_key="k", fingerprint="a", idempotency_seconds=9)
    second, again = jobs.create({}, most_queued=9, idempotency_key="k", fingerprint="a", idempotency_seconds=9)

    assert first == second
    assert (new, again) == (True, False)


def test_an_idempotency_key_with_another_fingerprint_is_refused(jobs: Jobs) -> None:
    jobs.create({}, most_queued=9, idempotency_key="k", fingerprint="a", idempotency_seconds=9)

    with pytest.raises(IdempotencyConflictError):
        jobs.create({}, most_queued=9, idempotency_key="k", fingerprint="b", idempotency_seconds=9)


def test_a_claim_makes_one_owner(jobs: Jobs, redis: Redis) -> None:
    job = create(jobs)

    first = jobs.claim("a", LEASE_MS)
    second = jobs.claim("b", LEASE_MS)

    assert first is not None
    assert second is None
    assert (first.record.status, first.record.attempt, first.token) == ("running", 1, 1)
    assert first.record.started_at is not None
    assert placed(redis, job) == {"running"}
    assert redis.zscore(keys.JOB.leases, job.id) is not None


def test_what_waits_longest_is_claimed_first(jobs: Jobs) -> None:
    first, second, third, fourth = (create(jobs) for _ in range(4))
    jobs.cancel(second.id)
    released = claim(jobs, first)

    claim(jobs, third)
    jobs.release(released)

    claim(jobs, first)
    claim(jobs, fourth)
    assert jobs.claim("worker", LEASE_MS) is None


def test_of_workers_that_claim_at_once_each_gets_another_job_in_turn(server: Redis) -> None:
    jobs = Store(server, Settings()).jobs
    made = [create(jobs).id for _ in range(60)]

    def work(owner: str) -> list[str]:
        claimed = iter(lambda: jobs.claim(owner, LEASE_MS), None)
        return [one.record.id for one in claimed]

    with ThreadPoolExecutor(4) as pool:
        got = list(pool.map(work, "abcd"))

    assert sorted(chain(*got)) == sorted(made)
    assert all(mine == sorted(mine, key=made.index) for mine in got)


def test_an_index_that_names_what_is_gone_holds_nobody_up(jobs: Jobs, redis: Redis) -> None:
    redis.zadd(keys.JOB.with_status("queued"), {"job_gone": 0})
    job = create(jobs)

    claim(jobs, job)

    assert placed(redis, job) == {"running"}
    assert jobs.waiting() == 0


def test_what_does_not_exist_cannot_be_read_or_cancelled(jobs: Jobs) -> None:
    with pytest.raises(NotFoundError, match="job_unknown"):
        jobs.get("job_unknown")
    with pytest.raises(NotFoundError):
        jobs.cancel("job_unknown")


def test_a_lease_that_was_renewed_meanwhile_is_not_taken(jobs: Jobs) -> None:
    job = create(jobs)
    claimed = claim(jobs, job)
    seen = jobs.leases()[job.id]

    cancelled = jobs.renew(claimed, LEASE_MS + 1)

    assert not cancelled
    assert jobs.leases()[job.id] > seen
    assert jobs.take_expired(job.id, ends=seen, most_attempts=3) is None
    assert jobs.get(job.id).status == "running"


def test_a_renewal_tells_of_a_cancel(jobs: Jobs) -> None:
    job = create(jobs)
    claimed = claim(jobs, job)
    jobs.cancel(job.id)

    assert jobs.renew(claimed, LEASE_MS)


def test_a_report_is_written_with_its_event(jobs: Jobs, store: Store) -> None:
    job = create(jobs)
    claimed = claim(jobs, job)

    jobs.report(claimed, {"epoch": 1}, {"train_loss": 0.5})
    jobs.report(claimed, {"epoch": 2}, {"train_loss": 0.4}, {"epoch": 2})

    job = jobs.get(job.id)
    assert job.progress == {"epoch": 2}
    assert job.metrics == {"train_loss": 0.4}
    assert [event.data for event in store.events.read(job.id) if event.event == "epoch"] == [{"epoch": 2}]


def test_success_writes_the_model_with_the_end(jobs: Jobs, store: Store, redis: Redis) -> None:
    job = create(jobs)

    status = jobs.finish(claim(jobs, job), "succeeded", metrics={"a": 1}, model=model())

    job = jobs.get(job.id)
    assert status == job.status == "succeeded"
    assert job.finished
    assert job.model_id == store.models.get("model_1").id == "model_1"
    assert placed(redis, job) == {"succeeded"}
    assert redis.zscore(keys.JOB.leases, job.id) is None
    assert redis.ttl(keys.JOB.record(job.id)) > 0
    assert redis.ttl(keys.JOB.events(job.id)) > 0
    assert redis.ttl(keys.model("model_1")) == -1


def test_a_failure_keeps_its_reason(jobs: Jobs, store: Store) -> None:
    job = create(jobs)
    error = {"code": "diverged", "message": "the loss is nan"}

    jobs.finish(claim(jobs, job), "failed", error=error)

    assert jobs.get(job.id).error == error
    assert store.events.read(job.id)[-1].data == error


def test_a_cancel_that_came_first_holds_and_no_model_is_written(jobs: Jobs, store: Store, redis: Redis) -> None:
    job = create(jobs)
    claimed = claim(jobs, job)
    jobs.cancel(job.id)

    status = jobs.finish(claimed, "succeeded", model=model())

    assert status == jobs.get(job.id).status == "cancelled"
    assert jobs.get(job.id).model_id is None
    assert not store.models.exists("model_1")
    assert placed(redis, job) == {"cancelled"}


def test_an_end_told_twice_by_its_owner_is_one_end(jobs: Jobs, redis: Redis) -> None:
    job = create(jobs)
    claimed = claim(jobs, job)
    jobs.finish(claimed, "succeeded", model=model())
    before = jobs.get(job.id)

    again = jobs.finish(claimed, "succeeded", model=model())

    assert again == "succeeded"
    assert jobs.get(job.id) == before
    assert redis.zcard(keys.MODELS) == 1


def test_a_stale_owner_cannot_write(jobs: Jobs, store: Store, redis: Redis) -> None:
    job = create(jobs)
    stale = claim(jobs, job, "stale")
    expire(jobs, job)
    fresh = claim(jobs, job, "fresh")
    before = jobs.get(job.id)

    with pytest.raises(LeaseLostError):
        jobs.renew(stale, LEASE_MS)
    with pytest.raises(LeaseLostError):
        jobs.report(stale, {}, {})
    with pytest.raises(LeaseLostError):
        jobs.release(stale)
    with pytest.raises(LeaseLostError):
        jobs.finish(stale, "succeeded", model=model("model_stale"))

    assert jobs.get(job.id) == before
    assert not store.models.exists("model_stale")
    assert jobs.finish(fresh, "succeeded", model=model("model_fresh")) == "succeeded"


def test_cancelling_a_queued_job_ends_it(jobs: Jobs, redis: Redis) -> None:
    job = jobs.cancel(create(jobs).id)

    assert job.status == "cancelled"
    assert job.finished_at is not None
    assert placed(redis, job) == {"cancelled"}
    assert jobs.claim("worker", LEASE_MS) is None


def test_cancelling_a_running_job_is_written_once(jobs: Jobs) -> None:
    job = create(jobs)
    claim(jobs, job)

    first = jobs.cancel(job.id)
    second = jobs.cancel(job.id)

    assert first.status == "running"
    assert first.cancel_requested_at is not None
    assert first == second


def test_cancelling_a_finished_job_changes_nothing(jobs: Jobs) -> None:
    job = create(jobs)
    jobs.finish(claim(jobs, job), "succeeded", model=model())
    before = jobs.get(job.id)

    assert jobs.cancel(job.id) == before


def test_a_released_job_waits_again_and_counts_no_attempt(jobs: Jobs, redis: Redis) -> None:
    job = create(jobs)

    jobs.release(claim(jobs, job))

    assert jobs.get(job.id).status == "queued"
    assert jobs.get(job.id).attempt == 0
    assert placed(redis, job) == {"queued"}
    assert claim(jobs, job).token == 2


def test_an_expired_job_waits_again(jobs: Jobs, redis: Redis) -> None:
    job = create(jobs)
    claim(jobs, job)

    assert expire(jobs, job) == "queued"
    assert jobs.get(job.id).attempt == 1
    assert placed(redis, job) == {"queued"}


def test_a_job_that_is_lost_at_its_last_attempt_fails_and_says_why(jobs: Jobs, redis: Redis) -> None:
    job = create(jobs)
    for _ in range(2):
        claim(jobs, job)
        status = expire(jobs, job, most_attempts=2)

    job = jobs.get(job.id)
    assert status == job.status == "failed"
    assert job.error is not None
    assert job.error["code"] == "worker_lost"
    assert "silent for too long, in the last of 2 attempts" in job.error["message"]
    assert placed(redis, job) == {"failed"}
    assert redis.ttl(keys.JOB.record(job.id)) > 0


def test_a_job_whose_process_died_waits_again_at_once_and_its_old_owner_cannot_write(jobs: Jobs, redis: Redis) -> None:
    job = create(jobs)
    claimed = claim(jobs, job)

    taken = jobs.take_lost(
        job.id, token=claimed.token, reason="its process was killed by SIGKILL", log=["a line"], most_attempts=3
    )

    assert taken == "queued"
    assert placed(redis, job) == {"queued"}
    with pytest.raises(LeaseLostError):
        jobs.report(claimed, {}, {})


def test_at_the_last_attempt_the_error_has_the_signal_and_the_last_lines(jobs: Jobs) -> None:
    job = create(jobs)
    claimed = claim(jobs, job)

    jobs.take_lost(
        job.id, token=claimed.token, reason="its process was killed by SIGKILL", log=["a line"], most_attempts=1
    )

    assert jobs.get(job.id).error == {
        "code": "worker_lost",
        "message": "its process was killed by SIGKILL, in the last of 1 attempts",
        "log": ["a line"],
    }


def test_the_death_of_an_owner_long_replaced_takes_nothing(jobs: Jobs) -> None:
    job = create(jobs)
    stale = claim(jobs, job)
    expire(jobs, job)
    claim(jobs, job)
    before = jobs.get(job.id)

    assert jobs.take_lost(job.id, token=stale.token, reason="", log=[], most_attempts=3) is None
    assert jobs.get(job.id) == before


def test_a_cancelled_job_whose_worker_is_lost_is_cancelled(jobs: Jobs) -> None:
    job = create(jobs)
    claim(jobs, job)
    jobs.cancel(job.id)

    assert expire(jobs, job) == "cancelled"


def test_what_has_expired_is_forgotten_and_the_rest_stays(jobs: Jobs, redis: Redis) -> None:
    ended = [create(jobs) for _ in range(3)]
    waiting = create(jobs)
    for job in ended:
        jobs.cancel(job.id)
    redis.delete(*(keys.JOB.record(job.id) for job in ended[:2]))

    assert jobs.forget_expired() == 2

    assert redis.zrange(keys.JOB.with_status("cancelled"), 0, -1) == [ended[2].id.encode()]
    assert redis.zrange(keys.JOB.index, 0, -1) == [ended[2].id.encode(), waiting.id.encode()]
    assert jobs.forget_expired() == 0


def test_paging_while_jobs_are_added_meets_none_twice_and_misses_none(jobs: Jobs) -> None:
    before = [create(jobs).id for _ in range(25)]
    met: list[str] = []
    after = None

    while True:
        page = jobs.page(limit=4, after=after)
        met += [job.id for job in page.data]
        create(jobs)
        if not page.has_more:
            break
        after = met[-1]

    assert met == before[::-1]


def test_records_that_have_gone_vanish_from_the_lists(jobs: Jobs, redis: Redis) -> None:
    made = [create(jobs).id for _ in range(6)]
    for job_id in made[1:5]:
        redis.delete(keys.JOB.record(job_id))

    page = jobs.page(limit=2)

    assert [job.id for job in page.data] == [made[5], made[0]]
    assert not page.has_more
    assert redis.zcard(keys.JOB.index) == 2


def test_a_page_after_what_does_not_exist_is_refused(jobs: Jobs) -> None:
    with pytest.raises(NotFoundError, match="job_unknown"):
        jobs.page(limit=1, after="job_unknown")

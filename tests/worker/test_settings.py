from pathlib import Path

import pytest

from worker.errors import SettingsError
from worker.settings import Settings, digest_of_key


def test_every_setting_is_read_from_its_variable() -> None:
    settings = Settings.from_environment(
        {
            "NEUROND_REDIS_URL": "redis://r:1/2",
            "NEUROND_MAX_QUEUED_JOBS": "7",
            "NEUROND_LEASE_SECONDS": "1.5",
            "OTHER": "x",
        }
    )

    assert settings.redis_url == "redis://r:1/2"
    assert settings.max_queued_jobs == 7
    assert settings.lease_seconds == 1.5


def test_an_empty_variable_is_as_good_as_none() -> None:
    assert Settings.from_environment({"NEUROND_API_KEYS": "", "NEUROND_REDIS_URL": ""}) == Settings()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MAX_QUEUED_JOBS", "many"),
        ("MAX_QUEUED_JOBS", "0"),
        ("LEASE_SECONDS", "-1"),
        ("LEASE_SECONDS", "nan"),
        ("REDIS_URL", "http://host"),
        ("LOG_LEVEL", "loud"),
        ("BLOB_URL", "folder"),
    ],
)
def test_a_value_that_cannot_be_used_is_an_error_that_names_its_variable(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"NEUROND_{name}"):
        Settings.from_environment({f"NEUROND_{name}": value})


def test_keys_are_kept_as_hashes_and_never_shown() -> None:
    settings = Settings(api_keys=f"alpha, {digest_of_key('beta')},")

    assert settings.api_keys == (digest_of_key("alpha"), digest_of_key("beta"))
    assert "alpha" not in repr(settings)
    assert "sha256" not in repr(settings)


def test_a_folder_is_meant_from_where_the_process_began(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)

    assert Settings(blob_url="file://./blobs").blob_url == f"file://{tmp_path}/blobs"
    assert Settings(blob_url="file:///data").blob_url == "file:///data"
    assert Settings(blob_url="s3://bucket/x").blob_url == "s3://bucket/x"


def test_the_password_of_redis_may_stand_in_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text("s3/cret\n")

    settings = Settings.from_environment(
        {"NEUROND_REDIS_PASSWORD_FILE": str(secret), "NEUROND_REDIS_URL": "redis://host:6379/0",
         "NEUROND_EXCHANGE_URL": "redis://other:6379/0"}
    )  # fmt: skip

    assert settings.redis_url == "redis://:s3%2Fcret@host:6379/0"
    assert settings.exchange_url == "redis://:s3%2Fcret@other:6379/0"
    assert "cret" not in repr(settings)


def test_a_password_in_the_url_goes_before_that_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("other")

    settings = Settings(redis_password_file=str(tmp_path / "password"), redis_url="redis://:own@host/0")

    assert settings.redis_url == "redis://:own@host/0"


@pytest.mark.parametrize(
    ("variable", "value"),
    [("REDIS_PASSWORD_FILE", "/nowhere/at/all"), ("REDIS_URL", "sentinel://host:1"), ("REDIS_URL", "http://host")],
)
def test_a_redis_that_cannot_be_meant_is_named(variable: str, value: str) -> None:
    with pytest.raises(SettingsError, match=variable):
        Settings.from_environment({f"NEUROND_{variable}": value})

from pathlib import Path

import pytest

from worker.credentials import digest_of_key
from worker.errors import SettingsError
from worker.failover.sentinels import Sentinels
from worker.settings import Settings


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


def test_the_former_name_of_a_setting_is_read_where_the_new_one_is_not_set() -> None:
    former = {"NEUROND_ERRAND_SECONDS": "7"}

    assert Settings.from_environment(former).import_export_seconds == 7
    assert Settings.from_environment(former | {"NEUROND_IMPORT_EXPORT_SECONDS": "8"}).import_export_seconds == 8


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


@pytest.mark.parametrize("name", ["API_KEYS", "READ_KEYS"])
@pytest.mark.parametrize(
    "value",
    [",", " , ", "sha256:abc", "sha256:" + "x" * 64, "sha256:" + "a" * 63, "café", "good,sha256:12", "tab\tinside"],
)
def test_a_key_that_could_never_match_is_refused_and_not_repeated(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"NEUROND_{name}: .*expected") as refused:
        Settings.from_environment({f"NEUROND_{name}": value})

    assert value.rpartition(",")[2] not in str(refused.value) or value.strip() == ","


def test_a_hash_in_capitals_is_the_same_hash() -> None:
    assert Settings(api_keys=digest_of_key("alpha").upper()).api_keys == (digest_of_key("alpha"),)


def test_a_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    keys, url = tmp_path / "keys", tmp_path / "url"
    keys.write_text("alpha\nbeta, gamma\n")
    url.write_text("redis://:s3cret@host/0\n")

    settings = Settings.from_environment(
        {"NEUROND_API_KEYS_FILE": str(keys), "NEUROND_READ_KEYS_FILE": str(keys), "NEUROND_REDIS_URL_FILE": str(url)}
    )

    assert settings.api_keys == settings.read_keys == tuple(map(digest_of_key, ("alpha", "beta", "gamma")))
    assert settings.redis_url == "redis://:s3cret@host/0"
    assert "cret" not in repr(settings)


def test_a_file_of_keys_that_gives_none_is_refused(tmp_path: Path) -> None:
    empty, binary = tmp_path / "empty", tmp_path / "binary"
    empty.write_text("\n")
    binary.write_bytes(b"\xff\xfe")
    for environment, reason in (
        ({"NEUROND_API_KEYS_FILE": str(empty)}, "is empty"),
        ({"NEUROND_API_KEYS_FILE": str(binary)}, "no text in UTF-8"),
        ({"NEUROND_API_KEYS_FILE": str(tmp_path / "none")}, "No such file"),
        ({"NEUROND_API_KEYS_FILE": str(empty), "NEUROND_API_KEYS": "alpha"}, "got both"),
    ):
        with pytest.raises(SettingsError, match=rf"NEUROND_API_KEYS.*{reason}"):
            Settings.from_environment(environment)


@pytest.mark.parametrize("url", ["s3://AKIA:verysecret@bucket/x", "gs://verysecret@bucket"])
def test_credentials_in_the_url_of_the_blob_store_are_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(SettingsError, match=r"NEUROND_BLOB_URL: .*expected no credentials") as refused:
        Settings.from_environment({"NEUROND_BLOB_URL": url})

    assert "verysecret" not in str(refused.value)


@pytest.mark.parametrize("host", ["http://host", "host:8000", "*", "a b", "[::1]:80"])
def test_what_is_no_name_of_a_host_is_refused(host: str) -> None:
    with pytest.raises(SettingsError, match="NEUROND_HOSTS"):
        Settings.from_environment({"NEUROND_HOSTS": host})


def test_a_folder_is_meant_from_where_the_process_began(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)

    assert Settings(blob_url="file://./blobs").blob_url == f"file://{tmp_path}/blobs"
    assert Settings(blob_url="file:///data").blob_url == "file:///data"
    assert Settings(blob_url="s3://bucket/x").blob_url == "s3://bucket/x"


def test_the_password_of_redis_may_stand_in_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text("s3/cret\n")

    settings = Settings.from_environment(
        {
            "NEUROND_REDIS_PASSWORD_FILE": str(secret),
            "NEUROND_REDIS_URL": "redis://host:6379/0",
            "NEUROND_EXCHANGE_URL": "redis://other:6379/0",
        }
    )

    assert settings.redis_url == "redis://:s3%2Fcret@host:6379/0"
    assert settings.exchange_url == "redis://:s3%2Fcret@other:6379/0"
    assert "cret" not in repr(settings)


def test_no_password_is_shown_with_the_sentinels() -> None:
    assert "s3cret" not in repr(Sentinels.parse("sentinel://:s3cret@host:1/service"))


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

"""Settings: one frozen object, read once from the environment (prefix `NEUROND_`) where a process begins."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Self
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from worker.credentials import digests, from_files, read_secret
from worker.errors import SettingsError
from worker.failover.sentinels import Sentinels

PREFIX = "NEUROND_"

LOOPBACK_HOSTS: Final = ("localhost", "127.0.0.1", "[::1]")
"""This machine's own names, which lead nowhere else."""

FORMER: Final = {"errand_seconds": "import_export_seconds"}
"""Former names of settings, which are read for one release more where the new one is not set."""

Count = Annotated[int, Field(ge=1)]
Seconds = Annotated[float, Field(gt=0)]


class Settings(BaseModel):
    """What the people who run neurond may choose. Each field's description is its line in the README."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    redis_url: str = Field(
        "redis://127.0.0.1:6379/0",
        pattern=r"^(redis|rediss|unix|sentinel)://",
        repr=False,
        description="where records and queues are kept: `redis://…`, `rediss://…` (TLS), `unix://…`, or "
        "`sentinel://host:port,host:port/service/0`",
    )
    redis_replicas: int = Field(
        0,
        ge=0,
        description="replicas of Redis that must have a job before it is accepted, ended or cancelled; fewer: 503",
    )
    redis_password_file: str = Field("", description="file that holds the password of Redis, for a URL that has none")
    broker_url: str = Field(
        "",
        repr=False,
        description="another broker for Celery, as Celery spells it (`amqp://…`); none: the Redis of the records",
    )
    broker_visibility_seconds: Seconds = Field(
        3600.0,
        description="seconds after which the broker hands a message that is not acknowledged to another worker too; "
        "the record then says that there is nothing to do",
    )
    exchange_url: str = Field(
        "",
        pattern=r"^((redis|rediss|unix|sentinel)://|$)",
        repr=False,
        description="where predictions pass through: a Redis that need not write to disk, in the same spelling; "
        "none: that of the records",
    )
    embedded_memory_bytes: int = Field(
        1024**3, ge=0, description="memory of each Valkey that `neurond up` starts; near it, new work is answered 503"
    )
    blob_url: str = Field(
        "file://./neurond-data/blobs",
        pattern=r"^[a-z0-9]+://",
        description="where data and weights are kept: a folder (`file://…`), `s3://…` or `gs://…`",
    )
    api_keys: tuple[str, ...] = Field(
        (),
        repr=False,
        description="bearer tokens, separated by commas, plain or as `sha256:<hex>`; none: loopback only, no login",
    )
    read_keys: tuple[str, ...] = Field(
        (), repr=False, description="keys in the same form that may only read and predict"
    )
    hosts: tuple[str, ...] = Field(
        (),
        description="names under which the API answers, separated by commas; none: without keys this machine's own "
        "(`localhost`, `127.0.0.1`, `[::1]` and `--host`), with keys any",
    )
    rate_limit: int = Field(0, ge=0, description="requests a minute for each key, else each address; 0: any number")
    cors_origins: tuple[str, ...] = Field(
        (),
        description="origins whose pages may call the API from a browser, separated by commas; `*`: all, and "
        "needs keys",
    )
    api_workers: Count = Field(2, description="processes that answer HTTP")
    max_streams: Count = Field(500, description="event streams that one API process keeps open; one more: 503")
    max_connections: Count = Field(
        2000, description="connections that one API process keeps open; for one more, the longest silent one is closed"
    )
    max_connections_per_address: Count = Field(
        1000, description="the same for those from one address, which may be that of a proxy"
    )
    head_seconds: Seconds = Field(10.0, description="how long the head of a request may take, then 408")
    body_bytes_per_second: Seconds = Field(
        1000.0, description="rate at which a body must come, after its first 20 s and with no pause of 20 s; else 408"
    )
    max_body_bytes: Count = Field(16 * 1024 * 1024, description="largest request body")
    max_upload_bytes: Count = Field(1024**3, description="largest file that may be uploaded as a data set")
    key_quota_bytes: Count = Field(
        50 * 1024**3,
        description="bytes that each key, or without keys each address, may keep: uploads, arrays, models, bodies and "
        "results of asynchronous predictions; more: 507",
    )
    read_key_quota_bytes: Count = Field(
        1024**3, description="the same for a key that may only read and predict: its asynchronous predictions"
    )
    max_kept_bytes: int = Field(0, ge=0, description="bytes that all keys may keep together; more: 503. 0: any number")
    min_free_bytes: int = Field(
        2 * 1024**3,
        ge=0,
        description="free bytes of the blob store's disk below which no more is accepted: 503; 5 % where that is less",
    )
    ingest_memory_bytes: Count = Field(4 * 1024**3, description="memory that reading one uploaded file may take")
    ingest_seconds: Count = Field(600, description="time that reading one uploaded file may take")
    max_prediction_bytes: Count = Field(
        32 * 1024 * 1024, description="largest body of a prediction, packed and unpacked: 10,000 images as JSON fit"
    )
    import_export_seconds: Count = Field(
        30, description="how long an import or an export of a model is waited for, then 504"
    )
    max_queued_jobs: Count = Field(1000, description="jobs that may wait; one more is answered 503")
    max_pending_predictions: Count = Field(
        256, description="predictions that may wait for one model, as many long ones beside them; one more: 503"
    )
    max_pending_in_all: Count = Field(512, description="predictions that may wait for all models; one more: 503")
    max_pending_bytes: Count = Field(
        256 * 1024 * 1024, description="bodies of waiting predictions in one API process; more: 503"
    )
    predict_queue_seconds: Seconds = Field(
        0.15, description="how long many predictions may wait for their answers before more are refused: 503"
    )
    predict_timeout_seconds: Seconds = Field(
        30.0,
        description="how long a prediction is waited for, then 504; a process that predicts for longer is ended",
    )
    max_predict_memory_bytes: Count = Field(
        4 * 1024**3,
        description="memory of a process that predicts (on Linux); a request that needs more is refused: 500",
    )
    train_threads: int = Field(
        0,
        ge=0,
        description="most BLAS threads of a training worker; 0: all cores. Small networks use one, it is faster",
    )
    predict_threads: Count = Field(1, description="BLAS threads of a prediction worker")
    lease_seconds: Seconds = Field(
        8.0, description="seconds of silence after which a worker has lost its job to the next"
    )
    max_attempts: Count = Field(3, description="how often a job whose worker died is tried")
    max_job_seconds: Count = Field(24 * 3600, description="how long a job may train; a longer one fails")
    max_job_memory_bytes: Count = Field(
        4 * 1024**3, description="memory of the process that trains (on Linux); a job that wants more fails"
    )
    max_job_samples: Count = Field(20_000_000_000, description="epochs times samples that a job may train on")
    checkpoint_seconds: Seconds = Field(
        30.0, description="inside an epoch, how much training may be lost; the end of an epoch is always kept"
    )
    job_retention_seconds: Count = Field(30 * 24 * 3600, description="how long a finished job's record is kept")
    withdrawn_retention_seconds: Count = Field(
        600,
        description="how long a job's record is kept that was cancelled before any worker took it, and "
        "that of an import or an export of a model",
    )
    prediction_retention_seconds: Count = Field(
        24 * 3600, description="how long an asynchronous prediction is kept once it is finished"
    )
    idempotency_seconds: Count = Field(24 * 3600, description="how long an `Idempotency-Key` is remembered")
    model_cache_bytes: Count = Field(
        256 * 1024 * 1024, description="models that a prediction worker keeps in memory, with their buffers"
    )
    log_level: str = Field(
        "info", pattern=r"^(debug|info|warning|error)$", description="`debug`, `info`, `warning` or `error`"
    )

    @field_validator("redis_url", "exchange_url")
    @classmethod
    def _known_sentinels(cls, url: str) -> str:
        if url.startswith("sentinel://"):
            Sentinels.parse(url)
        return url

    @model_validator(mode="before")
    @classmethod
    def _password_from_file(cls, given: dict[str, Any]) -> dict[str, Any]:
        """Put the password of the file into the URLs, where every client looks for it."""
        path = given.get("redis_password_file")
        if not path:
            return given
        password = quote(read_secret(path, f"{PREFIX}REDIS_PASSWORD_FILE"), safe="")
        changed = dict(given)
        for name in ("redis_url", "exchange_url"):
            scheme, separator, rest = given.get(name, cls.model_fields[name].default).partition("://")
            if separator and scheme != "unix" and "@" not in rest:
                changed[name] = f"{scheme}://:{password}@{rest}"
        return changed

    @property
    def has_keys(self) -> bool:
        """Whether callers need a key."""
        return bool(self.api_keys or self.read_keys)

    @property
    def host_names(self) -> tuple[str, ...]:
        """Names under which the API answers; none: any."""
        return self.hosts or (() if self.has_keys else LOOPBACK_HOSTS)

    def check_origins(self) -> None:
        """Raise SettingsError where every page that a browser of this machine shows could use the API without a key.

        Workers have no keys, whoever has: it is the API that asks.
        """
        if "*" in self.cors_origins and not self.has_keys:
            raise SettingsError(
                "NEUROND_CORS_ORIGINS: without API keys, expected the origins that may call, such as "
                "https://page.example, got *; set NEUROND_API_KEYS, or name them"
            )

    @field_validator("api_keys", "read_keys", "hosts", "cors_origins", mode="before")
    @classmethod
    def _split(cls, given: Any) -> Any:
        if not isinstance(given, str):
            return given
        parts = tuple(part.strip() for part in re.split(r"[,\r\n]", given) if part.strip())
        if given and not parts:
            raise ValueError("expected at least one, got only commas; to have none, do not set it")
        return parts

    @field_validator("hosts")
    @classmethod
    def _are_hosts(cls, hosts: tuple[str, ...]) -> tuple[str, ...]:
        for host in hosts:
            if not re.fullmatch(r"[A-Za-z0-9._-]+|\[?[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*\]?", host):
                raise ValueError(f"expected names or addresses without a port, such as example.org, got {host!r}")
        return hosts

    @field_validator("cors_origins")
    @classmethod
    def _are_origins(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        for origin in origins:
            if origin != "*" and not re.fullmatch(r"https?://[^/*]+", origin):
                raise ValueError(f"expected origins such as https://example.org, or *, got {origin!r}")
        return origins

    @field_validator("api_keys", "read_keys")
    @classmethod
    def _hash_keys(cls, keys: tuple[str, ...]) -> tuple[str, ...]:
        """Keep the SHA-256 of each key, never the key: no log or traceback can show what is not there."""
        return digests(keys)

    @field_validator("blob_url")
    @classmethod
    def _no_credentials(cls, url: str) -> str:
        if "@" in url.partition("://")[2].partition("/")[0]:
            raise ValueError("expected no credentials in the URL; set those of the store, such as AWS_ACCESS_KEY_ID")
        return url

    @field_validator("blob_url")
    @classmethod
    def _absolute_folder(cls, url: str) -> str:
        """A folder is meant from where the process began, whatever folder it works in later."""
        scheme, _, path = url.partition("://")
        return f"file://{Path(path).absolute()}" if scheme == "file" else url

    @classmethod
    def secrets(cls) -> list[str]:
        """The variables that may hold a secret, each of which may stand in a file."""
        return [PREFIX + name.upper() for name, field in cls.model_fields.items() if not field.repr]

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Self:
        """Read the settings.

        Raises:
            SettingsError: a variable cannot be used; the message names it, and what came.

        """
        environment = os.environ if environment is None else environment
        try:
            environment = {**environment, **from_files(environment, cls.secrets())}
        except ValueError as error:
            raise SettingsError(str(error)) from None
        names = FORMER | {name: name for name in cls.model_fields}
        given = {
            name: environment[PREFIX + variable.upper()]
            for variable, name in names.items()
            if environment.get(PREFIX + variable.upper(), "") != ""
        }
        try:
            return cls.model_validate(given)
        except ValidationError as error:
            problems = "; ".join(
                f"{PREFIX}{str(next(iter(problem['loc']), '')).upper()}: {problem['msg']}" for problem in error.errors()
            )
            raise SettingsError(problems) from None

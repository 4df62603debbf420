"""The client: its calls are in `jobs`, `models`, `predictions` and `datasets`."""

import os
from types import TracebackType
from typing import Final, Self

import httpx

from neurond.connection import ONCE, Connection
from neurond.datasets import DatasetCalls
from neurond.errors import ClientError
from neurond.jobs import JobCalls
from neurond.local_key import FILE_VARIABLE, key_for
from neurond.models import ModelCalls
from neurond.predictions import PredictionCalls

DEFAULT_URL: Final = "http://127.0.0.1:8000"


class Client(JobCalls, ModelCalls, PredictionCalls, DatasetCalls):
    """One server's API."""

    def __init__(
        self,
        url: str | None = None,
        *,
        api_key: str | None = None,
        timeout: float = 60.0,
        patience: float = 30.0,
    ) -> None:
        """Nothing is sent before the first call.

        Args:
            url: where the server is; not given, `NEUROND_URL` says it, or it is on this machine
            api_key: not given, `NEUROND_API_KEY` says it, or the file that `NEUROND_API_KEY_FILE` names, or that which
                `neurond up --key` left in `neurond-data`, here
            timeout: seconds that one answer may take
            patience: seconds that a call may spend in pauses between tries; 0: no call is tried twice

        """
        self.url = url or os.environ.get("NEUROND_URL") or DEFAULT_URL
        try:
            key = api_key or key_for(self.url)
        except OSError as error:
            raise ClientError(f"the file {FILE_VARIABLE} cannot be read: {error.strerror}: {error.filename}") from None
        self._patience = patience
        self._connection = Connection(self.url, api_key=key, timeout=timeout, patience=patience)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._connection.http.close()

    def ready(self) -> bool:
        """Whether the service is there and can do its work, at this moment."""
        try:
            return self._connection.http.get("/readyz", extensions=dict(ONCE)).is_success
        except httpx.TransportError:
            return False

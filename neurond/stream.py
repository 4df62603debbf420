"""The events of a job as they come. A stream that breaks is taken up after the last event that came."""

import time
from collections.abc import Iterator
from typing import Final

import httpx
from httpx_sse import EventSource

from neurond.answers import Event
from neurond.calls import address
from neurond.connection import ONCE, Connection
from neurond.errors import ApiError, UnreachableError

FIRST_PAUSE_SECONDS: Final = 0.2
LONGEST_PAUSE_SECONDS: Final = 5.0
SILENCE_SECONDS: Final = 45.0
"""The server says every 15 seconds that it is there; after three times that it is not."""


def follow_events(connection: Connection, job_id: str, *, after: str | None, patience: float) -> Iterator[Event]:
    """Each event once, in order, to the job's end.

    Raises:
        ApiError: the API refused.
        UnreachableError: for `patience` seconds nobody answered.

    """
    pause, silent_since = FIRST_PAUSE_SECONDS, time.monotonic()
    while True:
        headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": after} if after else {})
        timeout = httpx.Timeout(connection.http.timeout.connect, read=SILENCE_SECONDS)
        try:
            with connection.stream(
                "GET", address("jobs", job_id, "events"), headers=headers, timeout=timeout, extensions=dict(ONCE)
            ) as response:
                for message in EventSource(response).iter_sse():
                    if message.event == "done":
                        return
                    if not message.data:  # it only told how soon to come again
                        continue
                    event = Event.model_validate_json(message.data)
                    after, pause, silent_since = event.id, FIRST_PAUSE_SECONDS, time.monotonic()
                    yield event
        except UnreachableError:
            if time.monotonic() - silent_since > patience:
                raise
        except ApiError as error:
            if error.status not in (429, 503) or time.monotonic() - silent_since > patience:
                raise
        # The stream ended before the job did: its server was stopped, or could not be reached.
        time.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE_SECONDS)

"""What the server said at one moment, with what can be done about it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Protocol, Self

import httpx
from pydantic import BaseModel, PrivateAttr

from neurond import answers
from neurond.errors import JobFailedError

Rows = Sequence[Sequence[float] | Mapping[str, Any]]

FINISHED: Final = frozenset({"succeeded", "failed", "cancelled"})

WAIT_SECONDS: Final = 1.0
"""Between two looks at a job by one who only waits for its end, as the API's Retry-After says."""

LOOK_SECONDS: Final = 0.2
"""Between two looks at a data set: most are read within a second."""


class _Caller(Protocol):
    """What a handle asks of the client that it came by."""

    def job(self, job_id: str) -> Job: ...
    def cancel(self, job_id: str) -> Job: ...
    def follow(self, job_id: str, *, every: float, until: float | None) -> Iterator[Job]: ...
    def stream(self, job_id: str, *, after: str | None) -> Iterator[answers.Event]: ...
    def dataset(self, dataset_id: str) -> Dataset: ...
    def read_again(self, dataset_id: str, **options: Any) -> Dataset: ...
    def model(self, model_id: str) -> Model: ...
    def predict(self, model_id: str, inputs: Rows) -> answers.Prediction: ...


class Handle(BaseModel):
    """An answer that knows the client that it came by."""

    _client: _Caller = PrivateAttr()

    @classmethod
    def by(cls, client: object, answer: httpx.Response | Any) -> Self:
        """Read an answer, as it came or as a part of a list."""
        if isinstance(answer, httpx.Response):
            return cls.model_validate_json(answer.content, context=client)
        return cls.model_validate(answer, context=client)

    def model_post_init(self, context: Any, /) -> None:
        """Keep the client that the answer came by."""
        self._client = context

    def __eq__(self, other: object) -> bool:
        """Whether both say the same."""
        return isinstance(other, BaseModel) and self.model_dump() == other.model_dump()

    __hash__ = None  # type: ignore[assignment]  # what the server says changes


class Job(answers.Job, Handle):
    """A job as it was when the server was asked."""

    @property
    def finished(self) -> bool:
        """Whether nothing about it will change any more."""
        return self.status in FINISHED

    def refresh(self) -> Job:
        """The job as it is now."""
        return self._client.job(self.id)

    def cancel(self) -> Job:
        """Ask for its end; gives the job as it is then."""
        return self._client.cancel(self.id)

    def wait(self, *, timeout: float | None = None, every: float = WAIT_SECONDS) -> Job:
        """The job when it has ended, however it did.

        Raises:
            TimeoutError: it did not within `timeout` seconds.

        """
        deadline = None if timeout is None else time.monotonic() + timeout
        for job in self._client.follow(self.id, every=every, until=deadline):
            if job.finished:
                return job
        raise TimeoutError(f"the job {self.id} did not end within {timeout:g} s")

    def events(self, *, after: str | None = None) -> Iterator[answers.Event]:
        """Its events as they come, to its end; a connection that breaks is taken up after the last one."""
        return self._client.stream(self.id, after=after)

    def model(self, *, timeout: float | None = None) -> Model:
        """The model that it makes; waits for the job's end.

        Raises:
            JobFailedError: it made none.
            TimeoutError: it did not end within `timeout` seconds.

        """
        job = self if self.finished else self.wait(timeout=timeout)
        if job.model_id is None:
            raise JobFailedError(job)
        return self._client.model(job.model_id)


class Dataset(answers.Dataset, Handle):
    """A data set as it was when the server was asked."""

    def refresh(self) -> Dataset:
        """The data set as it is now."""
        return self._client.dataset(self.id)

    def wait(self, *, timeout: float | None = None, every: float = LOOK_SECONDS) -> Dataset:
        """The data set when it has been read, `ready` or `failed`.

        Raises:
            TimeoutError: it was not within `timeout` seconds.

        """
        deadline = None if timeout is None else time.monotonic() + timeout
        dataset = self
        while dataset.status == "processing":
            if deadline is not None and time.monotonic() + every > deadline:
                raise TimeoutError(f"the data set {self.id} was not read within {timeout:g} s")
            time.sleep(every)
            dataset = dataset.refresh()
        return dataset

    def read_again(self, **options: Any) -> Dataset:
        """A new data set from the same upload, read as `options` say; what they leave out is as it was."""
        return self._client.read_again(self.id, **options)


class Model(answers.Model, Handle):
    """A model as it was when the server was asked."""

    def refresh(self) -> Model:
        """The model as it is now, with what a list leaves out."""
        return self._client.model(self.id)

    def predict(self, inputs: Rows) -> answers.Prediction:
        """Ask it about rows, in the units of the data that it was trained on."""
        return self._client.predict(self.id, inputs)


class Alias(answers.Alias, Handle):
    """A name, and the model that it stood for when the server was asked."""

    def model(self) -> Model:
        """The model that the name stands for now."""
        return self._client.model(self.name)

"""How the service is."""

from typing import Literal

from pydantic import Field

from api.schemas.common import Answered


class Alive(Answered):
    """The process answers."""

    status: Literal["ok"]


class Ready(Answered):
    """The service can do its work."""

    status: Literal["ready"]
    redis: Literal["ok"] = Field(description="that of the records takes writes")
    exchange: Literal["ok"] = Field(description="the one through which predictions pass does")
    workers: dict[str, int] = Field(description="how many were seen lately, by queue")
    blobs: Literal["ok"] = Field(description="a small blob was written, read and deleted some seconds ago")

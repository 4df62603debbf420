"""How the service is."""

from typing import Literal

from pydantic import ConfigDict, Field

from api.schemas.common import Answered


class Alive(Answered):
    """The process answers."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"status": "ok"}]})

    status: Literal["ok"]


class Ready(Answered):
    """The service can do its work."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "status": "ready",
                    "redis": "ok",
                    "exchange": "ok",
                    "workers": {"training": 1, "prediction": 1},
                    "blobs": "ok",
                }
            ]
        }
    )

    status: Literal["ready"]
    redis: Literal["ok"] = Field(description="that of the records takes writes")
    exchange: Literal["ok"] = Field(description="the one through which predictions pass does")
    workers: dict[str, int] = Field(description="how many were seen lately, by queue")
    blobs: Literal["ok"] = Field(description="a small blob was written, read and deleted some seconds ago")

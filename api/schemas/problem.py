"""What every error under /v1 looks like (RFC 9457)."""

from pydantic import Field

from api.schemas.common import Answered


class FieldError(Answered):
    """One thing that is wrong with a request."""

    pointer: str = Field(description="JSON pointer into the body; `?name` for the query, `Name:` for a header")
    detail: str = Field(description="what was expected, and what came")


class Problem(Answered):
    """An error, `application/problem+json`."""

    type: str = Field(description="names the kind of problem")
    title: str
    status: int
    detail: str = Field(description="what was wrong, and what to do")
    instance: str = Field(description="the path that was asked for")
    errors: list[FieldError] = Field(default_factory=list, description="each field that is wrong; absent without one")

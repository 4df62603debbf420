"""What every error under /v1 looks like (RFC 9457)."""

from pydantic import ConfigDict, Field

from api.schemas.common import Answered


class FieldError(Answered):
    """One thing that is wrong with a request."""

    pointer: str = Field(description="JSON pointer into the body; `?name` for the query, `Name:` for a header")
    detail: str = Field(description="what was expected, and what came")


class Problem(Answered):
    """An error, `application/problem+json`."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "urn:neurond:problem:invalid-input",
                    "title": "Invalid input",
                    "status": 422,
                    "detail": "#/training/epochs: input should be greater than or equal to 1, got -1",
                    "instance": "/v1/jobs",
                    "errors": [
                        {
                            "pointer": "#/training/epochs",
                            "detail": "input should be greater than or equal to 1, got -1",
                        }
                    ],
                }
            ]
        }
    )

    type: str = Field(description="names the kind of problem")
    title: str
    status: int
    detail: str = Field(description="what was wrong, and what to do")
    instance: str = Field(description="the path that was asked for")
    errors: list[FieldError] = Field(default_factory=list, description="each field that is wrong; absent without one")

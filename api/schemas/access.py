"""What a key allows."""

from typing import Literal

from pydantic import ConfigDict, Field

from api.schemas.common import Answered


class KeyAccess(Answered):
    """What the caller may do."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"object": "access", "access": "full"}]})

    object: Literal["access"]
    access: Literal["full", "read"] = Field(description="`read`: read what is kept and predict; `full`: change it, too")

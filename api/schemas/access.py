"""What a key allows."""

from typing import Literal

from pydantic import Field

from api.schemas.common import Answered


class KeyAccess(Answered):
    """What the caller may do."""

    object: Literal["access"]
    access: Literal["full", "read"] = Field(description="`read`: read what is kept and predict; `full`: change it, too")

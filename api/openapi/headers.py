"""Headers that answers carry."""

from typing import Any, Final


def _text(description: str, **schema: Any) -> dict[str, Any]:
    return {"description": description, "schema": {"type": "string", **schema}}


HEADERS: Final[dict[str, dict[str, Any]]] = {
    "Content-Disposition": _text("The name under which a browser keeps it."),
    "ETag": _text("Changes with what it stands for; send it as `If-None-Match`."),
    "Location": _text("Where it is to be found.", format="uri-reference"),
    "Preference-Applied": _text("What of `Prefer` was followed."),
    "Retry-After": {
        "description": "Seconds to wait before the next try.",
        "schema": {"type": "integer", "minimum": 0},
    },
    "WWW-Authenticate": _text("How to send a key."),
}
"""By name: what `Answer.headers` may name."""

"""What the calls of all nouns stand on."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeVar
from urllib.parse import quote

import httpx

from neurond.connection import Connection
from neurond.errors import ClientError
from neurond.handles import Handle

PAGE: Final = 100

POLL_SECONDS: Final = 0.1
"""Often enough for a progress bar. Who only waits for the end asks every second, as the API's Retry-After says."""

Kind = TypeVar("Kind", bound=Handle)


class Calls:
    """Calls over one connection."""

    _connection: Connection
    _patience: float

    def _send(self, method: str, path: str, **options: Any) -> httpx.Response:
        return self._connection.send(method, path, **options)

    def _pages(self, path: str, kind: type[Kind], limit: int | None, **filters: Any) -> Iterator[Kind]:
        """What a list holds, newest first, at most `limit`, page by page as it is asked for."""
        given = said(filters)
        left = limit
        while left is None or left > 0:
            size = PAGE if left is None else min(left, PAGE)
            page = self._send("GET", path, params=given | {"limit": size}).json()
            for answer in page["data"]:
                yield kind.by(self, answer)
            if not page["has_more"]:
                return
            given["after"] = page.get("next") or _last(page["data"])
            left = None if left is None else left - len(page["data"])


def _last(listed: list[dict[str, Any]]) -> str:
    """What names the last entry of a list."""
    return str(listed[-1]["name" if listed[-1]["object"] == "alias" else "id"])


def address(*parts: str) -> str:
    """The path of what the API has under these names, whatever characters they hold.

    Raises:
        ClientError: one is empty, or would lead elsewhere.

    """
    for part in parts:
        if part in ("", ".", ".."):
            raise ClientError(f"expected the ID or the name of something, got {part!r}")
    return "/v1/" + "/".join(quote(part, safe="") for part in parts)


def said(options: Mapping[str, Any]) -> dict[str, Any]:
    """The options that were given."""
    return {name: value for name, value in options.items() if value is not None}


def parameters(options: Mapping[str, Any]) -> dict[str, Any]:
    """The options that were given, as a query writes them."""
    return {name: str(value).lower() if isinstance(value, bool) else value for name, value in said(options).items()}

"""Under which names the API answers.

A web page can give a name of its own the address of this machine (DNS rebinding), and its browser then takes our
answers for its own. The name that it asks for stands in `Host`: who answers to no strange name is out of its reach.
"""

import re
from functools import lru_cache
from ipaddress import ip_address
from typing import Final

from flask import Flask, request

from api.errors import Problem
from worker.settings import Settings

HOST: Final = re.compile(r"(?:\[(?P<address>[0-9a-f:.]+)\]|(?P<name>[a-z0-9._-]+))(?::\d{1,5})?", re.IGNORECASE)
"""`Host` (RFC 9110, section 7.2): a name or an address, and perhaps a port."""

WITHOUT_HOST: Final = "HTTP/1.0"
"""The version that knew no `Host`; no browser speaks it."""


def register(app: Flask, settings: Settings) -> None:
    """Refuse every request for a name that is not ours, and one of HTTP/1.1 that names none (RFC 9112, section 3.2)."""
    names = frozenset(map(canonical, settings.host_names))

    @app.before_request
    def _check_host() -> None:
        sent = request.environ.get("HTTP_HOST")
        if sent is None and request.environ.get("SERVER_PROTOCOL") == WITHOUT_HOST:
            return
        host = canonical(sent or "")
        if host is None:
            raise _refusal(f"Host: expected one name, with or without a port, got {sent or 'none'}")
        if names and host not in names:
            known = ", ".join(settings.host_names)
            raise _refusal(f"Host: expected one of {known}, got {host!r}; to add a name, set NEUROND_HOSTS")


@lru_cache(maxsize=1024)
def canonical(host: str) -> str | None:
    """The name in a `Host` header or a setting, in the one form in which names are compared; None where there is none.

    >>> canonical("LocalHost.:8000"), canonical("[0:0:0:0:0:0:0:1]:80"), canonical("::1")
    ('localhost', '::1', '::1')
    """
    read = HOST.fullmatch(f"[{host}]" if host.count(":") > 1 and not host.startswith("[") else host)
    if read is None:
        return None
    name = (read["address"] or read["name"]).lower().removesuffix(".")
    try:
        return str(ip_address(name))
    except ValueError:
        return name if read["address"] is None else None


def _refusal(detail: str) -> Problem:
    return Problem(400, "Bad host", detail)

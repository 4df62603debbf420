"""Redis behind Sentinels, which know who the master is: one URL that names them all."""

from dataclasses import dataclass, field
from typing import Final, Self
from urllib.parse import unquote, urlsplit

SENTINEL_PORT: Final = 26379


@dataclass(frozen=True)
class Sentinels:
    """`sentinel://[user:password@]host[:port][,host[:port]…]/service[/database]`; the password is that of Redis."""

    addresses: tuple[tuple[str, int], ...]
    service: str
    database: int
    username: str | None
    password: str | None = field(repr=False)

    @classmethod
    def parse(cls, url: str) -> Self:
        """Read a URL.

        Raises:
            ValueError: it says what was expected.

        """
        parts = urlsplit(url)
        login, _, hosts = parts.netloc.rpartition("@")
        user, _, password = login.partition(":")
        service, _, database = parts.path.strip("/").partition("/")
        if not hosts or not service or not (database or "0").isdigit():
            raise ValueError("expected sentinel://host:port,host:port/service/database")
        addresses = []
        for host in hosts.split(","):
            name, _, port = host.partition(":")
            addresses.append((name, int(port or SENTINEL_PORT)))
        return cls(tuple(addresses), service, int(database or 0), unquote(user) or None, unquote(password) or None)

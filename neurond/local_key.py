"""The key of a service of this machine, which `neurond up --key` draws and leaves where its owner alone may read it.

The file has the key on its first line, and on its second the URL of the service: the key is sent to no other one.
"""

import ipaddress
import os
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, urlsplit

DATA_FOLDER: Final = "neurond-data"
"""Where `neurond up` keeps its data if nobody says otherwise."""

FILE: Final = "api-key"

KEY_VARIABLE: Final = "NEUROND_API_KEY"
FILE_VARIABLE: Final = "NEUROND_API_KEY_FILE"


def key_for(url: str) -> str | None:
    """The key of the server at `url`: what the environment says or names, else that of this machine's own service.

    Raises:
        OSError: the file that is named cannot be read.

    """
    if said := os.environ.get(KEY_VARIABLE):
        return said
    if named := os.environ.get(FILE_VARIABLE):
        return Path(named).read_text("utf-8").partition("\n")[0]
    return _drawn_for(url)


def source_of_key(url: str) -> str | None:
    """Where `key_for` takes the key of the server at `url` from; None: there is none."""
    if os.environ.get(KEY_VARIABLE):
        return KEY_VARIABLE
    if named := os.environ.get(FILE_VARIABLE):
        return f"{named}, the file that {FILE_VARIABLE} names"
    return None if _drawn_for(url) is None else str(Path(DATA_FOLDER) / FILE)


def _drawn_for(address: str) -> str | None:
    """The key in the data folder where we are, if it is that of the service at `address`."""
    try:
        url = urlsplit(address)
        key, _, own = (Path(DATA_FOLDER) / FILE).read_text("utf-8").partition("\n")
        service = urlsplit(own.strip())
        is_it = service.port is not None and service.port == url.port and _is_here(service) and _is_here(url)
    except (OSError, ValueError):
        return None
    return key if is_it else None


def _is_here(url: SplitResult) -> bool:
    """Whether a URL names this machine by its loopback address."""
    host = url.hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False

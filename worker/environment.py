"""Which variables of the environment a process is given: a secret only where it is needed.

What is in the environment of a process can be read from outside it (`/proc/PID/environ`), and by whoever makes the
process run code of theirs.
"""

from collections.abc import Mapping
from typing import Final

from worker.credentials import FILE_SUFFIX

API_KEYS: Final = ("NEUROND_API_KEYS", "NEUROND_READ_KEYS")
"""Only the API asks for keys."""

HARMLESS: Final = ("HOME", "LANG", "LANGUAGE", "PATH", "TMPDIR", "TZ", "VIRTUAL_ENV")
HARMLESS_PREFIXES: Final = ("DYLD_", "LC_", "LD_", "PYTHON")
"""What programs need to be found, and to speak the language of the place."""

OBJECT_STORES: Final = {"s3": ("AWS_",), "gs": ("GOOGLE_",), "az": ("AZURE_",)}
"""By the scheme of a URL: what the variables of an object store begin with."""

NETWORK: Final = ("ALL_PROXY", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "SSL_CERT_DIR", "SSL_CERT_FILE")


def without_api_keys(environment: Mapping[str, str]) -> dict[str, str]:
    """All but the keys of the API, and the files in which they stand."""
    keys = {*API_KEYS, *(name + FILE_SUFFIX for name in API_KEYS)}
    return {name: value for name, value in environment.items() if name not in keys}


def harmless(environment: Mapping[str, str]) -> dict[str, str]:
    """What every program may know."""
    return {
        name: value for name, value in environment.items() if name in HARMLESS or name.startswith(HARMLESS_PREFIXES)
    }


def of_blobs(environment: Mapping[str, str], blob_url: str) -> dict[str, str]:
    """What is needed to reach a blob store: nothing for a folder."""
    prefixes = OBJECT_STORES.get(blob_url.partition("://")[0])
    if prefixes is None:
        return {}
    return {name: value for name, value in environment.items() if name.startswith(prefixes) or name.upper() in NETWORK}

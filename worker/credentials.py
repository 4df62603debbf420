"""API keys as the settings keep them, and secrets that stand in files rather than in the environment."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

DIGEST_PREFIX: Final = "sha256:"
DIGEST: Final = re.compile(r"[0-9a-f]{64}")

FILE_SUFFIX: Final = "_FILE"
"""Ends the name of a variable that names the file in which the secret stands."""


def digest_of_key(key: str) -> str:
    """The form in which an API key is kept and compared."""
    return DIGEST_PREFIX + hashlib.sha256(key.encode()).hexdigest()


def digests(keys: Iterable[str]) -> tuple[str, ...]:
    """The SHA-256 of each key, which comes plain or as `sha256:<hex>`.

    Raises:
        ValueError: a key could never match what a client sends. The message does not hold the key.

    """
    return tuple(map(_digest, keys))


def _digest(key: str) -> str:
    if key[: len(DIGEST_PREFIX)].lower() == DIGEST_PREFIX:
        digits = key[len(DIGEST_PREFIX) :].lower()
        if not DIGEST.fullmatch(digits):
            raise ValueError(
                f"expected {DIGEST_PREFIX} and 64 hexadecimal digits, got {len(digits)} characters; "
                "printf %s KEY | sha256sum prints them"
            )
        return DIGEST_PREFIX + digits
    if not (key.isascii() and key.isprintable()):
        raise ValueError("expected keys of printable ASCII, for a header carries nothing else; got other characters")
    return digest_of_key(key)


def from_files(environment: Mapping[str, str], variables: Iterable[str]) -> dict[str, str]:
    """What stands in the files that `<variable>_FILE` names, for each of `variables` where there is one.

    Raises:
        ValueError: the file cannot be read, is empty, or is named beside the variable itself.

    """
    secrets = {}
    for variable in variables:
        path = environment.get(variable + FILE_SUFFIX, "")
        if not path:
            continue
        if environment.get(variable):
            raise ValueError(f"{variable}: expected either it or {variable}{FILE_SUFFIX}, got both")
        secrets[variable] = read_secret(path, variable + FILE_SUFFIX)
    return secrets


def read_secret(path: str, variable: str) -> str:
    """What stands in a file, without the white space around it.

    Raises:
        ValueError: it cannot be read, or is empty. The message names `variable`.

    """
    try:
        secret = Path(path).read_text("utf-8").strip()
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text in UTF-8"
        raise ValueError(f"the file {variable} cannot be read: {reason}: {path}") from None
    if not secret:
        raise ValueError(f"the file {variable} is empty: {path}")
    return secret

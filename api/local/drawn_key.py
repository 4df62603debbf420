"""The key of a service of this machine, drawn once for a data folder."""

import os
import secrets
import stat
from pathlib import Path

from neurond.local_key import FILE


def draw(folder: Path, url: str) -> str:
    """The key in `folder`, which its owner alone may read; a new one where there is none.

    Args:
        folder: the data folder
        url: where the service answers now, for those who look for its key
    """
    file = folder / FILE
    key = _drawn(file) or secrets.token_urlsafe(32)
    new = file.with_suffix(".new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as writing:
        writing.write(f"{key}\n{url}\n")
    new.replace(file)
    return key


def _drawn(file: Path) -> str:
    """The key that was drawn before; none where somebody else may know it, or put it there."""
    try:
        about = file.lstat()
        if about.st_uid != os.geteuid() or stat.S_IMODE(about.st_mode) & 0o077 or not stat.S_ISREG(about.st_mode):
            return ""
        return file.read_text("utf-8").partition("\n")[0].strip()
    except FileNotFoundError:
        return ""

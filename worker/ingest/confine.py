"""What the process that reads what came from outside may touch: code to run, the blob store, and nothing else.

A fault in a decoder may hand the process to the one who made the file. Linux then still keeps it from all other files
of its user, and from the network, by Landlock (https://docs.kernel.org/userspace-api/landlock.html), as far as the
kernel has it; without it all is as it was. Either way the process can gain no rights by running a program.
"""

import ctypes
import os
import struct
import sys
from collections.abc import Iterable, Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from worker.environment import of_blobs

SET_NO_NEW_PRIVS: Final = 38
CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
"""Numbers of the system calls, the same on every architecture on which Python runs."""

VERSION: Final = 1
"""Flag of `CREATE_RULESET`: only say which version of Landlock there is."""
PATH_BENEATH: Final = 1

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
FIRST_RIGHTS: Final = (1 << 13) - 1
"""All that version 1 knows: the four above; removing, and making files, folders, links, sockets and devices."""
LATER_RIGHTS: Final = {2: 1 << 13, 3: 1 << 14, 5: 1 << 15}
"""What a version added: moving from folder to folder, cutting off, `ioctl` on devices."""
OF_A_FILE: Final = EXECUTE | WRITE_FILE | READ_FILE | 1 << 14
MAKING: Final = 1 << 4 | 1 << 5 | 1 << 7 | 1 << 8 | 1 << 13 | 1 << 14
"""Removing and making folders and files, moving them, cutting them off."""

NETWORK_SINCE, BIND_AND_CONNECT = 4, 0b11
SCOPES_SINCE, SOCKETS_AND_SIGNALS = 6, 0b11
"""Rights on TCP; and sockets without a path, and signals, which may not go to processes outside."""

PROGRAMS: Final = ("/usr", "/lib", "/lib64", "/nix/store", "/gnu/store", "/sys/devices/system/cpu")
FILES: Final = ("/etc/ld.so.cache", "/etc/localtime", "/dev/null", "/dev/urandom")
RESOLVING: Final = (
    "/etc/hosts",
    "/etc/resolv.conf",
    "/etc/nsswitch.conf",
    "/etc/ssl",
    "/etc/pki",
    "/run/systemd/resolve",
)
"""What is read to find a host and to trust it: for a blob store that is no folder."""


def confine(blob_url: str | None) -> bool:
    """Give up, for good, whatever reading an upload does not need. Whether the kernel holds us to it.

    Threads that are there already keep their rights: it must come before any other is started.
    """
    if sys.platform != "linux":
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    version = libc.syscall(CREATE_RULESET, None, ctypes.c_size_t(0), VERSION)
    if version < 1:
        return False
    rights = FIRST_RIGHTS
    for since, added in LATER_RIGHTS.items():
        rights |= added if version >= since else 0
    folder = _folder(blob_url)
    has_network = blob_url is not None and folder is None
    ruleset = _ruleset(libc, version, rights, has_network=has_network)
    if ruleset < 0:
        return False
    try:
        for path in (*_code(), *(_outside(os.environ, blob_url or "") if has_network else ())):
            _allow(libc, ruleset, path, (EXECUTE | READ_FILE | READ_DIR) & rights)
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            _allow(libc, ruleset, str(folder), (WRITE_FILE | READ_FILE | READ_DIR | MAKING) & rights)
        return bool(libc.syscall(RESTRICT_SELF, ruleset, 0) == 0)
    finally:
        os.close(ruleset)


def _ruleset(libc: ctypes.CDLL, version: int, rights: int, *, has_network: bool) -> int:
    """A file descriptor for the rights that are given up, unless a rule gives them back; below 0: it was refused."""
    attributes = struct.pack("=Q", rights)
    if version >= NETWORK_SINCE:
        attributes += struct.pack("=Q", 0 if has_network else BIND_AND_CONNECT)
    if version >= SCOPES_SINCE:
        attributes += struct.pack("=Q", SOCKETS_AND_SIGNALS)
    return int(libc.syscall(CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), 0))


def _allow(libc: ctypes.CDLL, ruleset: int, path: str, rights: int) -> None:
    """Give these rights back for what is at a path and below it; a path where nothing is needs none."""
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        rights &= ~0 if Path(path).is_dir() else OF_A_FILE
        rule = struct.pack("=Qi", rights, place)
        libc.syscall(ADD_RULE, ruleset, PATH_BENEATH, rule, 0)
    finally:
        os.close(place)


def _code() -> Iterator[str]:
    """Where Python, its packages and the libraries of the system are; not the folder in which we happen to be."""
    for package in ("nn", "worker"):
        spec = find_spec(package)
        yield from (spec.submodule_search_locations or ()) if spec is not None else ()
    yield from (sys.prefix, sys.base_prefix, *PROGRAMS, *FILES)
    yield from (entry for entry in sys.path if entry and Path(entry).absolute() != Path.cwd())
    yield from filter(None, os.environ.get("LD_LIBRARY_PATH", "").split(":"))


def _outside(environment: Mapping[str, str], blob_url: str) -> Iterable[str]:
    """What is read on the way to an object store, files that its variables name among them."""
    named = of_blobs(environment, blob_url).values()
    return (*RESOLVING, *(value for value in named if value.startswith("/")))


def _folder(blob_url: str | None) -> Path | None:
    scheme, _, path = (blob_url or "").partition("://")
    return Path(path) if scheme == "file" else None

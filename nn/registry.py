"""Tables that fill themselves: a new layer, metric, reader, … is a new file in its package, and nothing else."""

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from types import ModuleType
from typing import Any, TypeVar

T = TypeVar("T")


def classes(package: str, base: Any) -> dict[str, Any]:
    """`kind` → class, of every concrete subclass of `base` that a module of the package defines."""
    found = {
        vars(value)["kind"]: value
        for module, value in _values(package)
        if isinstance(value, type) and issubclass(value, base) and not inspect.isabstract(value)
        if value.__module__ == module and "kind" in vars(value)
    }
    return dict(sorted(found.items()))


def functions(package: str) -> dict[str, Any]:
    """name → function, of every public function that a module of the package defines."""
    found = {
        value.__name__: value
        for module, value in _values(package)
        if inspect.isfunction(value) and value.__module__ == module and not value.__name__.startswith("_")
    }
    return dict(sorted(found.items()))


def instances(package: str, of: type[T]) -> dict[str, T]:
    """`name` → object, of every object of that class that a module of the package holds, alone or in a tuple."""
    held = [entry for _, value in _values(package) for entry in (value if isinstance(value, tuple) else (value,))]
    return {entry.name: entry for entry in held if isinstance(entry, of)}  # type: ignore[attr-defined]


def modules(package: str) -> list[ModuleType]:
    """All modules of the package, imported."""
    path = importlib.import_module(package).__path__
    return [importlib.import_module(f"{package}.{entry.name}") for entry in pkgutil.iter_modules(path)]


def _values(package: str) -> Iterator[tuple[str, Any]]:
    for module in modules(package):
        for value in vars(module).values():
            yield module.__name__, value

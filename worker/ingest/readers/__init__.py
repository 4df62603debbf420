"""Readers of what needs more than NumPy, in addition to those of `nn`."""

from typing import Final

from nn import registry
from nn.data.readers import READERS, Reader

ALL_READERS: Final[dict[str, Reader]] = {**READERS, **registry.instances(__name__, Reader)}

TABLES: Final = frozenset(name for name, reader in ALL_READERS.items() if reader.source is not None)
"""Formats whose columns have names."""

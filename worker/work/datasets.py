"""Uploads that become data sets."""

from typing import Final

from worker.work.kind import FILES, Kind

KIND: Final = Kind(
    "dataset", "datasets", "ds", queue=FILES, runner="worker.ingest.ingester:Ingester", title="uploaded data sets"
)

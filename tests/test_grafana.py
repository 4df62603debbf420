"""The dashboard is one that Grafana takes as it is: held to the types that Grafana Labs generates from Grafana."""

import json
from collections.abc import Iterator
from itertools import combinations
from typing import Any

import pytest

from tests.support import needs
from tests.support.pages import DOCS

DASHBOARD = json.loads((DOCS / "grafana.json").read_text("utf-8"))
PANELS = DASHBOARD["panels"]
COLUMNS = 24
CHOSEN = {"type": "prometheus", "uid": "${datasource}"}


def test_panels_stand_beside_each_other_inside_the_grid() -> None:
    places = [panel["gridPos"] for panel in PANELS]

    assert len({panel["id"] for panel in PANELS}) == len(PANELS)
    assert all(place["x"] + place["w"] <= COLUMNS for place in places)
    for a, b in combinations(places, 2):
        apart = a["x"] + a["w"] <= b["x"] or b["x"] + b["w"] <= a["x"]
        assert apart or a["y"] + a["h"] <= b["y"] or b["y"] + b["h"] <= a["y"], (a, b)


def test_every_query_asks_the_prometheus_that_its_reader_chooses() -> None:
    [variable] = DASHBOARD["templating"]["list"]
    drawn = [panel for panel in PANELS if panel["type"] != "row"]

    assert (variable["name"], variable["type"], variable["query"]) == ("datasource", "datasource", "prometheus")
    assert all(panel["datasource"] == CHOSEN for panel in drawn)
    assert all(target["datasource"] == CHOSEN for panel in drawn for target in panel["targets"])
    assert all(panel["title"] and panel["targets"] for panel in drawn)


@pytest.mark.peers
def test_grafanas_own_types_know_every_field_of_it() -> None:
    needs.module("grafana_foundation_sdk.models.dashboard")
    from grafana_foundation_sdk.cog.encoder import JSONEncoder
    from grafana_foundation_sdk.cog.plugins import register_default_plugins
    from grafana_foundation_sdk.models import dashboard, prometheus, stat, timeseries, units

    register_default_plugins()
    options = {"stat": stat.Options, "timeseries": timeseries.Options}
    known_units = {value for name, value in vars(units).items() if isinstance(value, str) and name[0] != "_"}

    read = dashboard.Dashboard.from_json(DASHBOARD)

    written = json.loads(JSONEncoder().encode(read))
    drawn = [panel for panel in read.panels if isinstance(panel, dashboard.Panel)]
    assert list(unlike(DASHBOARD, written)) == []
    assert all(isinstance(panel.options, options.get(panel.type_val, ())) for panel in drawn)
    assert all(isinstance(target, prometheus.Dataquery) for panel in drawn for target in panel.targets)
    assert {panel.field_config.defaults.unit for panel in drawn} <= known_units
    assert read.schema_version <= dashboard.Dashboard().schema_version


def unlike(given: Any, read: Any, path: str = "") -> Iterator[str]:
    """Where what was given is not in what was read: a field that nobody there knows."""
    if isinstance(given, dict) and isinstance(read, dict):
        for name, value in given.items():
            yield from unlike(value, read[name], f"{path}/{name}") if name in read else [f"{path}/{name}"]
    elif isinstance(given, list) and isinstance(read, list) and len(given) == len(read):
        for number, (one, other) in enumerate(zip(given, read, strict=True)):
            yield from unlike(one, other, f"{path}/{number}")
    elif given != read:
        yield f"{path}: {given} is read as {read}"

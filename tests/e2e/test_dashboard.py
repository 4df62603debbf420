"""The dashboard over a real Prometheus (Debian's) that scrapes a real service: every query must return data."""

import json
import math
import re
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.local.stack import Stack
from neurond import Client
from tests.support import needs
from tests.support.clock import wait_until
from tests.support.pages import blocks

pytestmark = pytest.mark.peers

DASHBOARD = json.loads((Path(__file__).parents[2] / "docs" / "grafana.json").read_text("utf-8"))
ALERTS = Path(__file__).parents[2] / "docs" / "alerts.yml"
QUERIES = {
    f"{panel['title']} {target['refId']}": target["expr"]
    for panel in DASHBOARD["panels"]
    for target in panel.get("targets", [])
}

[WATCHED] = blocks("operating.md", "yaml", "Watching it")
CONFIGURATION = f"global: {{ scrape_interval: 1s }}\n{WATCHED.text}"
"""As operating.md writes it, and scraped often."""
INTERVAL = "30s"


@pytest.fixture(scope="module")
def prometheus(stack: Stack) -> Iterator[httpx.Client]:
    """A Prometheus in a temporary folder, on loopback, that scrapes the service every second."""
    needs.program("prometheus")
    with ExitStack() as exits:
        folder = Path(exits.enter_context(tempfile.TemporaryDirectory(prefix="prometheus-")))
        (folder / "prometheus.yml").write_text(
            CONFIGURATION.replace("127.0.0.1:8000", stack.url.removeprefix("http://"))
        )
        with socket.create_server(("127.0.0.1", 0)) as free:
            address = f"127.0.0.1:{free.getsockname()[1]}"
        command = [
            "prometheus",
            f"--config.file={folder / 'prometheus.yml'}",
            f"--storage.tsdb.path={folder / 'data'}",
            f"--web.listen-address={address}",
            "--log.level=warn",
        ]
        server = exits.enter_context(subprocess.Popen(command))
        exits.callback(server.terminate)
        client = exits.enter_context(httpx.Client(base_url=f"http://{address}"))
        wait_until(lambda: answers(client))
        yield client


def answers(client: httpx.Client) -> bool:
    try:
        return client.get("/-/ready").is_success
    except httpx.TransportError:
        return False


def ask(prometheus: httpx.Client, query: str) -> list[dict[str, Any]]:
    """The series of a query whose value is a number."""
    query = query.replace("$__rate_interval", INTERVAL)
    answer = prometheus.get("/api/v1/query", params={"query": query}).json()
    assert answer["status"] == "success", f"{query}: {answer.get('error')}"
    return [series for series in answer["data"]["result"] if math.isfinite(float(series["value"][1]))]


def use(client: Client) -> None:
    """Train, predict, and ask for what is not there."""
    client.submit(dataset="mnist", model={"hidden_layers": [8]}, training={"epochs": 1})
    job = client.submit(dataset="mnist", seed=1, training={"epochs": 2}).wait(every=0.1)
    samples = client.samples("mnist", split="test", offset=0, limit=5)
    job.model().predict([sample.x for sample in samples])


def test_every_query_of_the_dashboard_returns_data(prometheus: httpx.Client, client: Client) -> None:
    wait_until(lambda: bool(ask(prometheus, "min(neurond_redis_up) == 1")))
    use(client)
    without = dict(QUERIES)

    def all_have_data() -> bool:
        for name in list(without):
            if ask(prometheus, without[name]):
                del without[name]
        return not without

    try:
        wait_until(all_have_data, seconds=40)
    except AssertionError:
        pytest.fail(f"these return nothing: {json.dumps(without, indent=1)}")
    assert len(QUERIES) > 30


def test_the_alerts_are_rules_over_metrics_that_there_are(prometheus: httpx.Client, client: Client) -> None:
    checked = subprocess.run(
        [needs.program("promtool"), "check", "rules", str(ALERTS)], capture_output=True, text=True, timeout=30
    )
    expressions = re.findall(r"^ +expr: (.*)$", ALERTS.read_text("utf-8"), re.MULTILINE)
    metrics = set(re.findall(r"neurond_\w+", " ".join(expressions)))

    wait_until(lambda: bool(ask(prometheus, "min(neurond_redis_up) == 1")))

    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert f"{len(expressions)} rules found" in checked.stdout
    assert [name for name in metrics if not ask(prometheus, name)] == []
    assert [expression for expression in expressions if ask(prometheus, expression)] == []


def test_each_alert_fires_when_it_should(tmp_path: Path) -> None:
    rules = re.sub(r"^ +(annotations|summary|description):.*\n", "", ALERTS.read_text("utf-8"), flags=re.MULTILINE)
    cases = Path(__file__).with_name("alerts.yml").read_text("utf-8")
    (tmp_path / "rules.yml").write_text(rules)
    (tmp_path / "cases.yml").write_text(cases.replace("RULES", str(tmp_path / "rules.yml")))

    done = subprocess.run(
        [needs.program("promtool"), "test", "rules", str(tmp_path / "cases.yml")],
        capture_output=True,
        text=True,
        timeout=30,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert re.findall(r"alert: (\w+)", rules) == re.findall(r"alertname: (\w+)", cases)


def test_the_dashboard_tells_of_every_metric(client: Client, stack: Stack) -> None:
    families = set(re.findall(r"^# TYPE (neurond_\w+)", httpx.get(f"{stack.url}/metrics").text, re.MULTILINE))
    shown = " ".join(QUERIES.values())

    assert {name for name in families if name not in shown} == {"neurond_attempts_total"}

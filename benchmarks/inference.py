"""Predictions: neurond beside LitServe, BentoML, MLServer, and Flask with one Celery message a request.

One image of MNIST, 784 floats as JSON, is asked again and again by `wrk` over 1, 32 and 128 connections. All servers
run the same network by the same `nn`, with one BLAS thread. They are measured in turn, round after round; a figure is
the median over the rounds, a ratio the median of the rounds' ratios. Servers that are not being asked are halted. Then
neurond alone: ten thousand rows in one request, and predictions under pressure.
"""

import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from api.local.stack import Stack
from benchmarks import large_requests, pressure
from benchmarks.chart import bars
from benchmarks.machine import asked, calm_environment, describe, headline, median
from benchmarks.peers.servers import PEERS, Peer, Server, environment_of, processor_seconds
from neurond import Client
from worker.settings import Settings

CONNECTIONS = (1, 32, 128)
SETTLE_SECONDS = 0.5
OURS = "neurond"
PER_MESSAGE = "Flask + one Celery message"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """How long, against whom, and where the figures go."""
    parser.add_argument("--rounds", type=int, default=3, help="rounds of all servers in turn (default 3)")
    parser.add_argument("--seconds", type=int, default=4, help="seconds a measurement (default 4)")
    parser.add_argument("--peers", nargs="*", choices=sorted(PEERS), default=list(PEERS), help="default: all")
    parser.add_argument(
        "--environments",
        type=Path,
        default=Path("build/peers"),
        help="where each peer gets a virtual environment of its own, made at its first run (default build/peers)",
    )
    parser.add_argument("--json", type=Path, nargs="?", const=Path("-"), help="write the figures here, or print them")
    parser.add_argument("--svg", type=Path, help="draw the figures here")


def run(arguments: argparse.Namespace) -> None:
    """Measure in turn, print medians and ratios."""
    if shutil.which("wrk") is None:
        raise SystemExit("this measurement needs wrk: apt-get install wrk, or brew install wrk")
    peers = {name: PEERS[name] for name in arguments.peers}
    for peer in peers.values():
        peer.install(arguments.environments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("told to end"))  # so that no server is left behind
    for variable in set(os.environ) - set(calm_environment(os.environ)):
        del os.environ[variable]
    figures: dict[str, Any] = {
        "machine": describe(),
        "command": asked(),
        "rounds": arguments.rounds,
        "seconds": arguments.seconds,
    }
    with tempfile.TemporaryDirectory(prefix="neurond-") as name, ExitStack() as stack:
        folder = Path(name)
        targets, weights = _start(stack, folder, peers, arguments.environments)
        figures["results"] = _measure(targets, arguments.rounds, arguments.seconds)
        ours = targets[OURS]
        figures["large_requests"] = large_requests.measure(ours.url, weights, folder)
        figures["pressure"] = pressure.measure(
            pressure.Service(urljoin(ours.url, "/"), ours.url, folder / "inputs.json"),
            sustainable=median([one["requests_per_second"] for one in figures["results"][OURS]["32"]]),
            rounds=arguments.rounds,
            seconds=arguments.seconds,
        )
    figures["ratios"] = {peer: _ratios(figures["results"], peer) for peer in peers}
    print(f"{headline()}; {arguments.rounds} rounds of {arguments.seconds} s, in turn, medians\n\n{table(figures)}")
    if arguments.svg:
        arguments.svg.write_text(bars(figures["results"], title="Predictions a second", note=headline()), "utf-8")
    if arguments.json == Path("-"):
        print(json.dumps(figures, indent=2))
    elif arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n")


def _start(
    stack: ExitStack, folder: Path, peers: dict[str, Peer], environments: Path
) -> tuple[dict[str, "Target"], Path]:
    """Start all servers, the peers halted. Gives them by name, and where the model is."""
    service = stack.enter_context(
        Stack(Settings.from_environment(), folder=folder / "d", host="127.0.0.1", port=0, tell=print)
    )
    with Client(service.url) as client:
        spec = {"dataset": "mnist", "seed": 1, "training": {"epochs": 2}}
        *_, job = client.follow(client.submit(spec)["id"])
        image = client.samples("mnist", split="test", offset=0, limit=1)[0]["x"]
    model_id = job["model_id"]
    row = [float(pixel) for pixel in image]
    scripts = {shape: _script(folder, shape, row) for shape in ("inputs", "v2")}
    url = f"{service.url}/v1/models/{model_id}/predictions"
    targets = {OURS: Target(url, scripts["inputs"], [one.process.pid for one in service.services if one.process], None)}
    weights = folder / "d" / "blobs" / "models" / f"{model_id}.safetensors"
    for name, peer in peers.items():
        server = stack.enter_context(Server(peer, environments, environment_of(weights, folder / "d")))
        targets[name] = Target(server.url, scripts[peer.body], server.roots, server)
        server.halt()
    return targets, weights


def _script(folder: Path, shape: str, row: list[float]) -> Path:
    body = {
        "inputs": {"inputs": [row]},
        "v2": {"inputs": [{"name": "x", "shape": [1, len(row)], "datatype": "FP32", "data": row}]},
    }[shape]
    (folder / f"{shape}.json").write_text(json.dumps(body))
    script = folder / f"{shape}.lua"
    script.write_text(
        'wrk.method = "POST"\nwrk.headers["Content-Type"] = "application/json"\n'
        f'wrk.body = io.open("{folder / f"{shape}.json"}"):read("*a")\n'
    )
    return script


def _measure(targets: dict[str, "Target"], rounds: int, seconds: int) -> dict[str, Any]:
    results: dict[str, Any] = {name: {str(n): [] for n in CONNECTIONS} for name in targets}
    for turn in range(rounds):
        for name, target in targets.items():
            if target.server:
                target.server.resume()
            wrk(target, connections=CONNECTIONS[-1], seconds=1)
            for connections in CONNECTIONS:
                time.sleep(SETTLE_SECONDS)  # what the last one left behind is answered
                results[name][str(connections)].append(wrk(target, connections=connections, seconds=seconds))
            if target.server:
                target.server.halt()
        print(f"round {turn + 1} of {rounds} is over", file=sys.stderr)
    return results


@dataclass(frozen=True)
class Target:
    """A server to ask: where, with what, the processes that it began with, and, unless it is ours, how it is halted."""

    url: str
    script: Path
    roots: list[int]
    server: Server | None


def wrk(target: Target, *, connections: int, seconds: int) -> dict[str, float]:
    """One measurement: requests/s, latencies and processor time of the server in milliseconds, errors."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", "--latency", "-s"]
    before = processor_seconds(target.roots)
    said = subprocess.run([*command, target.script, target.url], capture_output=True, text=True, check=True).stdout
    spent = processor_seconds(target.roots) - before
    errors = sum(map(int, re.findall(r"Non-2xx or 3xx responses: (\d+)", said)))
    for line in re.findall(r"Socket errors: (.*)", said):
        errors += sum(map(int, re.findall(r"\d+", line)))
    return {
        "requests_per_second": _number(r"Requests/sec:\s+([\d.]+)", said),
        "p50_ms": _milliseconds(r"50%\s+([\d.]+)(us|ms|s)", said),
        "p99_ms": _milliseconds(r"99%\s+([\d.]+)(us|ms|s)", said),
        "processor_ms": spent * 1e3 / (_number(r"(\d+) requests in", said) or float("nan")),
        "errors": errors,
    }


def _number(pattern: str, text: str) -> float:
    found = re.search(pattern, text)
    return float(found.group(1)) if found else float("nan")


def _milliseconds(pattern: str, text: str) -> float:
    found = re.search(pattern, text)
    return float(found.group(1)) * {"us": 1e-3, "ms": 1, "s": 1e3}[found.group(2)] if found else float("nan")


def _ratios(results: dict[str, Any], peer: str) -> dict[str, dict[str, float]]:
    """Neurond's figures over the peer's, round by round."""
    return {
        connections: {
            figure: median(
                [
                    ours[figure] / (theirs[figure] or float("nan"))
                    for ours, theirs in zip(rounds, results[peer][connections], strict=True)
                ]
            )
            for figure in ("requests_per_second", "p50_ms", "p99_ms", "processor_ms")
        }
        for connections, rounds in results[OURS].items()
    }


def table(figures: dict[str, Any]) -> str:
    """The figures in Markdown: medians, and neurond's over each peer's."""
    columns = ["server", "connections", "requests/s", "p50 ms", "p99 ms", "processor ms a request", "errors"]
    columns += ["neurond over it: requests/s", "p99", "processor"]
    lines = [f"| {' | '.join(columns)} |", f"|{' --- |' * len(columns)}"]
    for name, by_connections in figures["results"].items():
        for connections, rounds in by_connections.items():
            middle = {figure: median([one[figure] for one in rounds]) for figure in rounds[0]}
            errors = sum(one["errors"] for one in rounds)
            ratio = figures["ratios"].get(name, {}).get(connections)
            over = "{requests_per_second:.2f} | {p99_ms:.2f} | {processor_ms:.2f}".format(**ratio) if ratio else "| |"
            lines.append(
                f"| {name} | {connections} | {middle['requests_per_second']:,.0f} | {middle['p50_ms']:.2f} "
                f"| {middle['p99_ms']:.1f} | {middle['processor_ms']:.2f} | {errors:.0f} | {over} |"
            )
    for form, large in figures["large_requests"].items():
        lines.append(
            f"\n{large['rows']:,} images in one request, {large['bytes'] / 1e6:.1f} MB of {form}: "
            f"{large['service_seconds']:.2f} s, {large['rate_kept']:.0%} of the rate of decoding, forward pass and "
            "encoding alone."
        )
    if "pressure" in figures:
        lines += pressure.lines(figures["pressure"])
    return "\n".join(lines)

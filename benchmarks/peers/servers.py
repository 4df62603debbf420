"""How the peers are installed, started, halted and ended."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import venv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from api.local import embedded

ROOT = Path(__file__).parent.parent.parent
READY_SECONDS = 60.0
PROC = Path("/proc")


@dataclass(frozen=True)
class Peer:
    """A server: what pip installs for it, the commands that start it, and where it is asked.

    In commands, `{python}` is its environment's Python, `{bin}` the folder of that, `{port}` its port.
    """

    packages: tuple[str, ...]
    commands: tuple[tuple[str, ...], ...]
    path: str = "/predict"
    body: str = "inputs"

    def folder(self, environments: Path) -> Path:
        """Its virtual environment. Peers need versions of the same packages that exclude each other."""
        return environments.absolute() / re.split(r"[\[>=]", self.packages[0])[0]

    def install(self, environments: Path) -> None:
        """Make its environment, unless it is there."""
        folder = self.folder(environments)
        if not (folder / "complete").exists():
            venv.create(folder, with_pip=True, clear=True)
            pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet"]
            subprocess.run([*pip, *self.packages, "numpy>=2.1", "safetensors>=0.6", "orjson"], check=True)
            (folder / "complete").touch()


APP = "benchmarks.peers.celery_peer:app"

PEERS = {
    "LitServe": Peer(("litserve",), (("{python}", "-m", "benchmarks.peers.litserve_peer"),)),
    "BentoML": Peer(
        ("bentoml",),
        (("{bin}/bentoml", "serve", "benchmarks.peers.bentoml_peer:Classifier", "--port", "{port}"),),
    ),
    "MLServer": Peer(
        ("mlserver>=1.6",),
        (("{bin}/mlserver", "start", "{root}/benchmarks/peers"),),
        path="/v2/models/classifier/infer",
        body="v2",
    ),
    "Flask + one Celery message": Peer(
        ("celery[redis]>=5.7", "flask", "gunicorn", "gevent"),
        (
            ("{bin}/gunicorn", "-k", "gevent", "-w", "2", "--timeout", "0", "-b", "127.0.0.1:{port}", APP),
            ("{bin}/celery", "-A", "benchmarks.peers.celery_peer:celery", "--quiet", "worker", "--concurrency", "1"),
        ),
    ),
}


def environment_of(weights: Path, folder: Path) -> dict[str, str]:
    """What all peers find in their environment; BLAS threads as neurond's own worker has them."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("OPENBLAS_")}
    return kept | {
        "PEER_MODEL": str(weights),
        "PEER_FOLDER": str(folder),
        "PYTHONPATH": str(ROOT),
        "OPENBLAS_NUM_THREADS": "1",
        "BENTOML_DO_NOT_TRACK": "True",
    }


class Server:
    """A peer at work, for as long as the block runs."""

    def __init__(self, peer: Peer, environments: Path, environment: Mapping[str, str]) -> None:
        port, grpc_port, metrics_port = _free_ports(3)
        self.url = f"http://127.0.0.1:{port}{peer.path}"
        self._folder = Path(environment["PEER_FOLDER"])
        self._log = self._folder / f"peer-{port}.log"
        redis = embedded.socket_url(self._folder, embedded.EXCHANGE)
        own = {
            "PEER_PORT": str(port),
            "PEER_REDIS": "redis+socket" + redis.removeprefix("unix"),
            "MLSERVER_HTTP_PORT": str(port),
            "MLSERVER_GRPC_PORT": str(grpc_port),
            "MLSERVER_METRICS_PORT": str(metrics_port),
            "MLSERVER_PARALLEL_WORKERS": "0",
        }
        self._environment = {**environment, **own}
        bin_folder = peer.folder(environments) / "bin"
        words = {"python": bin_folder / "python", "bin": bin_folder, "port": port, "root": ROOT}
        self._commands = [[part.format(**words) for part in command] for command in peer.commands]
        self._processes: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        with self._log.open("ab") as log:
            for command in self._commands:
                self._processes.append(
                    subprocess.Popen(
                        command, env=self._environment, cwd=self._folder, stdout=log, stderr=log, start_new_session=True
                    )
                )
        deadline = time.monotonic() + READY_SECONDS
        while not self._answers():
            if time.monotonic() > deadline:
                self._end()
                raise SystemExit(f"a peer did not get ready:\n{self._log.read_text()[-2000:]}")
            time.sleep(0.1)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._end()

    def halt(self) -> None:
        """Let it use no processor while another is asked."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def _answers(self) -> bool:
        """Whether it answers at all: a GET is refused by all of them, and that is an answer."""
        try:
            urllib.request.urlopen(self.url, timeout=1)
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False
        return True

    @property
    def roots(self) -> list[int]:
        """The processes that were started; they may have started more."""
        return [process.pid for process in self._processes]

    def _end(self) -> None:
        self._signal(signal.SIGKILL)
        for process in self._processes:
            process.wait()

    def _signal(self, number: signal.Signals) -> None:
        if any(process.poll() is not None for process in self._processes):
            print(f"a peer ended by itself; its log: {self._log}", file=sys.stderr)
        for pid in tree(self.roots):  # some of what they start is in a session of its own, some without a parent
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        for process in self._processes:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, number)


def processor_seconds(roots: Sequence[int]) -> float:
    """What these processes and all that they started have used of the processors so far (Linux; elsewhere NaN)."""
    if not PROC.exists():
        return float("nan")
    mine = tree(roots)
    return sum(seconds for pid, (seconds, _) in _processes().items() if pid in mine)


def tree(roots: Sequence[int]) -> set[int]:
    """These processes and all that they started."""
    processes = _processes()
    found = set(roots) & processes.keys()
    while True:
        more = {pid for pid, (_, parent) in processes.items() if parent in found} - found
        if not more:
            return found
        found |= more


def _processes() -> dict[int, tuple[float, int]]:
    """By ID: seconds of processor, and the parent."""
    ticks = os.sysconf("SC_CLK_TCK")
    found = {}
    for folder in PROC.glob("[0-9]*"):
        with contextlib.suppress(OSError):
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            found[int(folder.name)] = ((int(fields[11]) + int(fields[12])) / ticks, int(fields[1]))
    return found


def _free_ports(count: int) -> list[int]:
    """Ports that nobody listens on now."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]

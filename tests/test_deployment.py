"""What is deployed: each container is hardened, each package is pinned by hashes, no address of an index is written."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support.pages import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
SERVICES = COMPOSE["services"]
PARTS = sorted(SERVICES)

LOCKS = {
    "build": PROJECT["build-system"]["requires"],
    "image": PROJECT["project"]["dependencies"],
    "ci": [
        *PROJECT["project"]["dependencies"],
        *(
            line
            for group, lines in (PROJECT["project"]["optional-dependencies"] | PROJECT["dependency-groups"]).items()
            for line in lines
            if group not in ("bench", "tables") and isinstance(line, str) and not line.startswith("torch")
        ),
    ],
}
"""File in requirements/ → what it must have. PyTorch comes from where its machine has it: `.ci/lock` says why."""


def lock(name: str) -> str:
    """The text of a lock."""
    return (ROOT / "requirements" / f"{name}.txt").read_text("utf-8")


def pins(name: str) -> dict[str, list[str]]:
    """Package → its versions, one for some Pythons and one for others."""
    found: dict[str, list[str]] = {}
    for package, version in re.findall(r"^([\w.-]+)==(\S+)", lock(name), re.MULTILINE):
        found.setdefault(canonicalize_name(package), []).append(version)
    return found


@pytest.mark.parametrize("name", PARTS)
def test_a_container_has_no_root_no_capability_and_a_bound_on_everything(name: str) -> None:
    service = SERVICES[name]

    assert service["user"].partition(":")[0] not in {"", "0", "root"}
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "cap_add" not in service
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["pids_limit"] > 0
    assert service["mem_limit"]
    assert all(":size=" in mount for mount in service.get("tmpfs", []))


@pytest.mark.parametrize("name", PARTS)
def test_only_the_api_has_a_way_out_and_a_port(name: str) -> None:
    service = SERVICES[name]

    assert COMPOSE["networks"]["inside"]["internal"] is True
    assert service.get("networks", []) == {"api": ["inside", "front"], "secrets": []}.get(name, ["inside"])
    assert ("ports" in service) == (name == "api")
    assert service.get("network_mode") == ("none" if name == "secrets" else None)


def test_base_images_can_be_pinned() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text("utf-8")

    assert set(re.findall(r"^FROM (\S+)", dockerfile, re.MULTILINE)) == {"${PYTHON_IMAGE}"}
    assert SERVICES["redis"]["image"] == SERVICES["exchange"]["image"] == "${REDIS_IMAGE:-redis:8}"
    assert SERVICES["api"]["build"]["args"] == {"PYTHON_IMAGE": "${PYTHON_IMAGE:-python:3.13-slim}"}


def test_an_edit_of_the_sources_leaves_the_layer_of_the_dependencies() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text("utf-8")

    before, _, _ = dockerfile.partition("-r requirements/image.txt")

    assert set(re.findall(r"^COPY (.+) \S+$", before, re.MULTILINE)) == {
        "requirements/build.txt requirements/image.txt"
    }


@pytest.mark.parametrize("name", [path.stem for path in sorted((ROOT / "requirements").glob("*.txt"))])
def test_every_pin_of_a_lock_has_hashes_and_no_address(name: str) -> None:
    text = lock(name)
    entries = re.split(r"\n(?=\S)", re.sub(r"^#.*\n", "", text, flags=re.MULTILINE).strip())

    assert "/" not in text.replace(".ci/lock", "")
    assert not re.search(r"^-", text, re.MULTILINE)
    for entry in entries:
        assert re.match(r"[\w.-]+==\S+.*(\n    --hash=sha256:[0-9a-f]{64}( \\)?)+$", entry), entry[:80]


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_has_what_the_project_asks_for(name: str) -> None:
    pinned = pins(name)

    for line in LOCKS[name]:
        requirement = Requirement(line)
        versions = pinned[canonicalize_name(requirement.name)]
        assert all(requirement.specifier.contains(version, prereleases=True) for version in versions), (line, versions)


def test_the_tests_run_on_the_packages_of_the_image() -> None:
    tested = pins("ci")

    for package, versions in {**pins("image"), **pins("build")}.items():
        assert tested.get(package, versions) == versions, package


def test_the_commands_of_ci_can_be_run() -> None:
    for script in sorted((ROOT / ".ci").iterdir()):
        assert Path(script).stat().st_mode & 0o111, script.name

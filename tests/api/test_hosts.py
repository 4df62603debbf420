"""Under which names the API answers, and to which pages."""

import pytest
from flask.testing import FlaskClient

from api.gate.hosts import canonical
from api.local.commands import api_environment
from tests.support.builders.access import client_of
from tests.support.builders.requests import SPEC
from worker.errors import SettingsError
from worker.settings import Settings
from worker.store import Store

OWN = ["localhost", "LOCALHOST:8000", "localhost.", "127.0.0.1:8000", "[::1]", "[::1]:8713", "[0:0:0:0:0:0:0:1]:1"]
STRANGE = [
    "rebound.example",
    "localhost.evil.example",
    "127.0.0.1.nip.io",
    "127.0.0.1@evil.example",
    "evil.example:127.0.0.1",
    "localhost,evil.example",
    "localhost:8000:1",
    "[::1",
    "::1]",
    "[localhost]",
    "0.0.0.0",
    "192.168.1.5:8000",
    "",
]


@pytest.mark.parametrize("host", OWN)
def test_without_keys_this_machines_own_names_are_answered(client: FlaskClient, host: str) -> None:
    assert client.get("/v1/jobs", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("host", STRANGE)
@pytest.mark.parametrize("path", ["/v1/jobs", "/healthz", "/", "/nothing"])
def test_without_keys_no_other_name_is(client: FlaskClient, host: str, path: str) -> None:
    refused = client.get(path, headers={"Host": host})

    assert refused.status_code == 400
    assert refused.json["detail"].startswith("Host: expected one")


def test_a_page_that_was_rebound_to_this_machine_cannot_train(client: FlaskClient) -> None:
    rebound = {"Host": "evil.example:8712", "Origin": "http://evil.example:8712", "Sec-Fetch-Site": "same-origin"}

    assert client.post("/v1/jobs", json=SPEC, headers=rebound).status_code == 400
    assert client.get("/v1/jobs").json["data"] == []


def test_names_are_added_by_the_settings_and_hold_with_keys_too(store: Store) -> None:
    named = client_of(store, hosts="neurond.example, ::1")
    keyed = client_of(store, hosts="neurond.example", api_keys="owner")
    owner = {"Authorization": "Bearer owner"}

    assert named.get("/v1/jobs", headers={"Host": "Neurond.Example:443"}).status_code == 200
    assert named.get("/v1/jobs", headers={"Host": "[::1]:8000"}).status_code == 200
    assert named.get("/v1/jobs", headers={"Host": "localhost"}).status_code == 400
    assert keyed.get("/v1/jobs", headers=owner | {"Host": "neurond.example"}).status_code == 200
    assert keyed.get("/v1/jobs", headers=owner | {"Host": "other.example"}).status_code == 400


def test_with_keys_any_one_name_is_answered(store: Store) -> None:
    client = client_of(store, api_keys="owner")
    owner = {"Authorization": "Bearer owner"}

    assert client.get("/v1/jobs", headers=owner | {"Host": "any.example:8000"}).status_code == 200
    assert client.get("/v1/jobs", headers=owner | {"Host": "any.example, other.example"}).status_code == 400


@pytest.mark.parametrize("keys", ["", "owner"])
def test_a_request_of_http_1_1_without_a_host_is_refused_and_one_of_1_0_is_not(store: Store, keys: str) -> None:
    client = client_of(store, api_keys=keys)

    def status(version: str) -> int:
        def strip(environ: dict, start_response: object) -> object:
            environ.pop("HTTP_HOST", None)
            return wrapped({**environ, "SERVER_PROTOCOL": version}, start_response)

        wrapped, client.application.wsgi_app = client.application.wsgi_app, strip
        try:
            return client.get("/healthz").status_code
        finally:
            client.application.wsgi_app = wrapped

    assert (status("HTTP/1.1"), status("HTTP/1.0")) == (400, 200)


@pytest.mark.parametrize("host", ["::1", "127.0.0.2", "localhost", "0.0.0.0", "::"])
def test_the_address_that_is_bound_is_a_name_of_the_api(store: Store, host: str) -> None:
    client = client_of(store, hosts=api_environment(host, Settings()).get("NEUROND_HOSTS", ""))
    sent = f"[{host}]:8000" if ":" in host else f"{host}:8000"
    names_a_machine = host not in {"0.0.0.0", "::"}

    assert client.get("/v1/jobs", headers={"Host": sent}).status_code == (200 if names_a_machine else 400)
    assert client.get("/v1/jobs", headers={"Host": "localhost"}).status_code == 200
    assert client.get("/v1/jobs", headers={"Host": "rebound.example"}).status_code == 400
    for settings in (Settings(api_keys="k"), Settings(hosts="h")):
        assert "NEUROND_HOSTS" not in api_environment(host, settings)


def test_without_keys_a_page_of_another_site_loads_nothing(store: Store) -> None:
    client, named = client_of(store), client_of(store, cors_origins="https://page.example")
    cross = {"Sec-Fetch-Site": "cross-site"}

    for path in ("/v1/jobs", "/v1/models", "/metrics", "/v2"):
        assert client.get(path, headers=cross).status_code == 403, path
        assert client.get(path, headers={"Sec-Fetch-Site": "same-origin"}).status_code == 200, path
        assert client.get(path, headers={"Sec-Fetch-Site": "none"}).status_code == 200, path
    assert client.get("/", headers=cross).status_code == 200, "a link elsewhere may lead to the page"
    assert named.get("/v1/jobs", headers=cross | {"Origin": "https://page.example"}).status_code == 200
    assert named.get("/v1/jobs", headers=cross).status_code == 403
    assert named.get("/v1/jobs", headers=cross | {"Origin": "https://evil.example"}).status_code == 403


def test_with_keys_a_page_of_another_site_needs_the_key_alone(store: Store) -> None:
    headers = {"Authorization": "Bearer owner", "Sec-Fetch-Site": "cross-site"}

    assert client_of(store, api_keys="owner").get("/v1/jobs", headers=headers).status_code == 200


def test_every_origin_and_no_keys_is_refused_at_the_start(store: Store) -> None:
    with pytest.raises(SettingsError, match="NEUROND_CORS_ORIGINS: without API keys"):
        client_of(store, cors_origins="*")
    assert client_of(store, cors_origins="*", api_keys="owner").get("/healthz").status_code == 200


def test_what_is_no_host_has_no_name() -> None:
    assert [canonical(host) for host in ("", "a b", "a:b", "a:", "[x]", "[::1]x")] == [None] * 6

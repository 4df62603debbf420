"""A blob store across a network: what is wrong is named, and large blobs pass a narrow line."""

import time
from collections.abc import Iterator

import pytest

from tests.support import s3
from tests.support.s3 import S3
from worker.errors import BlobError, BlobMissingError
from worker.store import blobs as blob_store
from worker.store.blobs import Blobs
from worker.store.object_store import PIECE_BYTES, Patience
from worker.store.probe import BAD_SECONDS, GOOD_SECONDS, Probe

URL = f"s3://{s3.BUCKET}/prefix"

SAID_WITHIN_SECONDS = 10.0


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[S3]:
    with s3.serve() as server:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        yield server


def test_a_store_that_works_passes_its_probe_and_keeps_nothing_of_it(server: S3) -> None:
    Blobs(URL).probe()

    assert server.blobs == {}


@pytest.mark.parametrize(
    ("url", "name", "value", "hint"),
    [
        ("s3://another/prefix", "AWS_REGION", "us-east-1", "there is no such bucket: see NEUROND_BLOB_URL"),
        (URL, "AWS_ACCESS_KEY_ID", "unknown", "AWS_ACCESS_KEY_ID is not known there"),
        (URL, "AWS_ENDPOINT_URL", "http://127.0.0.1:1", "AWS_ENDPOINT_URL, or"),
        (URL, "AWS_ENDPOINT_URL", "http://nowhere.invalid", "AWS_ENDPOINT_URL, or"),
        (URL, "AWS_ENDPOINT_URL", "127.0.0.1:9000", "AWS_ENDPOINT_URL: expected http://"),
        (URL, "AWS_ALLOW_HTTP", "", "AWS_ALLOW_HTTP=true"),
    ],
)
def test_what_is_wrong_is_said_with_the_variables_name(
    server: S3, monkeypatch: pytest.MonkeyPatch, url: str, name: str, value: str, hint: str
) -> None:
    monkeypatch.setenv(name, value)
    begun = time.monotonic()

    with pytest.raises(BlobError) as caught:
        Blobs(url).probe()

    assert hint in str(caught.value)
    assert time.monotonic() - begun < SAID_WITHIN_SECONDS


def test_a_store_that_takes_requests_and_never_answers_is_given_up_in_time(server: S3) -> None:
    server.silent = True
    begun = time.monotonic()

    with pytest.raises(BlobError, match="AWS_ENDPOINT_URL"):
        Blobs(URL).probe()

    assert time.monotonic() - begun < SAID_WITHIN_SECONDS


def test_a_bucket_that_is_not_there_is_no_missing_blob(server: S3) -> None:
    with pytest.raises(BlobMissingError, match="models/none"):
        Blobs(URL).get("models/none")
    with pytest.raises(BlobError, match="no such bucket"):
        Blobs("s3://another/prefix").get("models/none")


def test_what_is_kept_comes_back_and_goes(server: S3) -> None:
    blobs, large = Blobs(URL), bytes(range(256)) * (PIECE_BYTES // 128)

    blobs.put("a/large", large)
    blobs.put_pieces("a/pieces", iter([b"12", b"3"]))

    assert blobs.get("a/large") == large
    assert blobs.get("a/pieces") == b"123"
    blobs.delete("a/large")
    blobs.delete("a/pieces")
    assert server.blobs == {}


def test_a_large_blob_passes_a_line_on_which_it_takes_much_longer_than_one_request_may(
    server: S3, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pieces that are all sent side by side would each need as long as the whole."""
    monkeypatch.setattr("worker.store.blobs.PIECE_BYTES", 5 * 1024 * 1024)
    monkeypatch.setattr(
        blob_store, "WORKING", Patience(connect_seconds=3, request_seconds=4, retries=0, retry_seconds=60)
    )
    server.bytes_a_second = 5e6
    data = bytes(30 * 1024 * 1024)

    Blobs(URL).put("models/large", data)

    assert len(server.blobs[f"{s3.BUCKET}/prefix/models/large"]) == len(data)


def test_a_probe_is_believed_for_a_while_a_bad_one_for_a_shorter_one(server: S3) -> None:
    now = [0.0]
    probe = Probe(lambda: Blobs(URL), clock=lambda: now[0])

    good = probe.problem()
    server.refused = True
    believed = probe.problem()
    now[0] += GOOD_SECONDS
    bad = probe.problem()
    server.refused = False
    still_bad = probe.problem()
    now[0] += BAD_SECONDS
    mended = probe.problem()

    assert (good, believed, mended) == (None, None, None)
    assert bad == still_bad == "the blob store cannot be used: AWS_ACCESS_KEY_ID is not known there"


def test_a_store_that_cannot_be_opened_fails_its_probe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "nonsense")

    problem = Probe(lambda: Blobs(URL)).problem()

    assert problem is not None

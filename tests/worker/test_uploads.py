import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from worker.errors import UploadTooLargeError
from worker.store import uploads
from worker.store.blobs import Blobs
from worker.store.uploads import UploadWriter, delete_upload, open_upload


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "PART_BYTES", 10)


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    return Blobs(f"file://{tmp_path}")


def upload(blobs: Blobs, data: bytes, chunk: int = 7) -> uploads.UploadedFile:
    writer = UploadWriter(blobs, "ds_1", "file", most_bytes=1000, filename="../../etc/passwd")
    for start in range(0, len(data), chunk):
        writer.write(data[start : start + chunk])
    return writer.finish()


def test_a_file_is_kept_in_parts_and_read_as_one(blobs: Blobs, tmp_path: Path) -> None:
    data = bytes(range(256)) * 2

    file = upload(blobs, data)

    assert len(list(blobs.list("uploads/ds_1"))) == 52
    assert file.size_bytes == 512
    assert file.sha256 == uploads.hashlib.sha256(data).hexdigest()  # type: ignore[attr-defined]
    assert open_upload(blobs, "ds_1", file).read() == data
    assert {path.relative_to(tmp_path).parts[0] for path in tmp_path.rglob("*")} == {"uploads"}


@settings(max_examples=30, deadline=None)
@given(data=st.binary(max_size=60), steps=st.lists(st.tuples(st.integers(0, 70), st.integers(0, 70)), max_size=10))
def test_any_place_of_it_can_be_read(data: bytes, steps: list[tuple[int, int]]) -> None:
    blobs = Blobs.__new__(Blobs)
    kept: dict[str, bytes] = {}
    blobs.put, blobs.get = kept.__setitem__, kept.__getitem__  # type: ignore[method-assign]
    uploads.PART_BYTES = 10
    file, reader, plain = upload(blobs, data), None, io.BytesIO(data)
    reader = open_upload(blobs, "ds_1", file)

    for place, size in steps:
        reader.seek(place)
        plain.seek(place)
        assert reader.read(size) == plain.read(size)
    assert (reader.seek(-len(data), io.SEEK_END), reader.read()) == (0, data)


def test_a_file_that_is_too_large_is_refused_before_it_is_whole(blobs: Blobs) -> None:
    with pytest.raises(UploadTooLargeError, match="at most 1000 bytes"):
        upload(blobs, b"x" * 1001)

    delete_upload(blobs, "ds_1")
    assert list(blobs.list("uploads")) == []


def test_an_upload_is_as_old_as_its_newest_part(blobs: Blobs) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    upload(blobs, b"x" * 25)

    [(identifier, written)] = uploads.uploads(blobs)

    assert identifier == "ds_1"
    assert written >= before

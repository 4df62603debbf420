"""Files in a request's body, raw or as fields of a form: written to the blob store as they come, never held."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from flask import request
from werkzeug.exceptions import ClientDisconnected
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder, NeedData

from api.errors import Problem, bad_input
from api.gate.quotas import charge
from worker.store import Store
from worker.store.blobs import Blobs
from worker.store.uploads import UploadedFile, UploadWriter
from worker.store.usage import upload_of

CHUNK_BYTES: Final = 1 << 18
MOST_PARTS: Final = 32
MOST_FIELD_BYTES: Final = 1 << 16
MOST_NAME_CHARACTERS: Final = 200
MOST_BUFFERED_BYTES: Final = 1 << 20
FORM: Final = "multipart/form-data"


@dataclass(frozen=True)
class Upload:
    """What a body held: files, whole in the blob store, and the other fields of its form."""

    files: list[UploadedFile]
    fields: dict[str, str]


def receive(store: Store, identifier: str, *, fields: tuple[str, ...], most_bytes: int) -> Upload:
    """Keep the files of the request's body under `identifier`. When anything goes wrong, nothing of it stays.

    The caller is charged for them, before any of it is read where the body says how long it is.

    Args:
        store: where to
        identifier: names the upload
        fields: names that files may have in a form; a raw body is the first
        most_bytes: larger files are refused

    Raises:
        Problem: 400 for a body that is empty, broken off or no form; 422 for a field that is not known.
        UploadTooLargeError: a file exceeds the size limit.
        QuotaExceededError: the caller would keep more than it may.
        StorageFullError: there is no space for more.

    """
    try:
        upload = _Receiver(store.blobs, identifier, fields, most_bytes).receive()
    except BaseException as error:
        store.let_go_upload(identifier)
        if isinstance(error, ClientDisconnected):
            raise _bad_body("the body ended before it was whole; send it again") from None
        raise
    return upload


class _Receiver:
    """One body on its way in."""

    def __init__(self, blobs: Blobs, identifier: str, fields: tuple[str, ...], most_bytes: int) -> None:
        self._blobs = blobs
        self._identifier = identifier
        self._fields = fields
        self._most_bytes = most_bytes
        self._writers: list[UploadWriter] = []
        self._charged = 0
        self._written = 0

    def receive(self) -> Upload:
        if (request.content_length or 0) <= (request.max_content_length or 0):
            self._charge(request.content_length or 0)
        given = self._form() if request.mimetype == FORM else self._raw()
        files = [writer.finish() for writer in self._writers]
        if not files:
            raise _bad_body(f"the form holds no file; expected one as {self._fields[0]!r}")
        for file in files:
            if not file.size_bytes:
                raise _bad_body(f"the file {file.field!r} is empty")
        self._charge(sum(file.size_bytes for file in files))
        return Upload(files, given)

    def _admit(self, size: int) -> None:
        self._written += size
        self._charge(max(self._written, self._charged))

    def _charge(self, size: int) -> None:
        charge(upload_of(self._identifier), size, new=max(0, size - self._charged))
        self._charged = size

    def _writer(self, field: str, filename: str | None) -> UploadWriter:
        if field not in self._fields or any(writer.field == field for writer in self._writers):
            known = ", ".join(self._fields)
            raise bad_input([{"pointer": f"#/{field}", "detail": f"expected a file as one of {known}, each once"}])
        writer = UploadWriter(
            self._blobs, self._identifier, field, most_bytes=self._most_bytes, filename=filename, admit=self._admit
        )
        self._writers.append(writer)
        return writer

    def _raw(self) -> dict[str, str]:
        writer = self._writer(self._fields[0], None)
        while chunk := request.stream.read(CHUNK_BYTES):
            writer.write(chunk)
        return {}

    def _form(self) -> dict[str, str]:
        """Write the form's files as they come, and give its other fields."""
        boundary = request.mimetype_params.get("boundary", "").encode("ascii", "replace")
        if not boundary:
            raise _bad_body("the form cannot be read: its Content-Type names no boundary")
        decoder = MultipartDecoder(boundary, max_form_memory_size=MOST_BUFFERED_BYTES, max_parts=MOST_PARTS)
        fields: dict[str, bytes] = {}
        take: Callable[[bytes], object] = bytes
        try:
            while True:
                event = decoder.next_event()
                if isinstance(event, NeedData):
                    decoder.receive_data(request.stream.read(CHUNK_BYTES) or None)
                elif isinstance(event, File):
                    take = self._writer(event.name, _short(event.name, event.filename)).write
                elif isinstance(event, Field):
                    if event.name in fields:
                        raise bad_input([{"pointer": f"#/{event.name}", "detail": "expected it once, got it twice"}])
                    fields[event.name] = b""
                    take = partial(_append, fields, event.name)
                elif isinstance(event, Data):
                    take(event.data)
                elif isinstance(event, Epilogue):
                    return {name: value.decode("utf-8", "replace") for name, value in fields.items()}
        except ValueError as error:
            raise _bad_body(f"the form cannot be read: {error}") from None


def _short(field: str, filename: str | None) -> str | None:
    """A file's name, which becomes that of a data set or a model: as long as such a name may be."""
    if filename is not None and len(filename) > MOST_NAME_CHARACTERS:
        detail = f"expected a file name of at most {MOST_NAME_CHARACTERS} characters, got {len(filename)}"
        raise bad_input([{"pointer": f"#/{field}", "detail": detail}])
    return filename


def _append(fields: dict[str, bytes], name: str, data: bytes) -> None:
    fields[name] += data
    if len(fields[name]) > MOST_FIELD_BYTES:
        raise bad_input([{"pointer": f"#/{name}", "detail": f"expected at most {MOST_FIELD_BYTES} bytes, got more"}])


def _bad_body(detail: str) -> Problem:
    return Problem(400, "Bad body", detail, errors=[{"pointer": "#", "detail": detail}])

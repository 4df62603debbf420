"""Data sets are what there is to learn from, uploaded or built in: `/v1/datasets`."""

from typing import Final

from flask import Blueprint, Response, request

from api.errors import bad_input
from api.gate.quotas import begin, note
from api.http import bad_parameter, body, checked, json_response
from api.openapi import BINARY, Answer, Body, operation
from api.schemas import Dataset, DatasetList, NamedPageQuery, SampleList, SamplesQuery
from api.schemas.datasets import UPLOAD_FORM, DatasetAgain
from api.services import services
from api.uploads import receive
from api.work import submit
from worker.errors import InUseError, NotKeptError, NotReadyError
from worker.jobspec.dataset import DatasetSpec
from worker.store import keys
from worker.store.builtin import IMAGE_DATASETS, samples
from worker.store.datasets import Dataset as Record
from worker.store.records import new_id
from worker.store.uploads import staged_path

blueprint = Blueprint("datasets", __name__, url_prefix="/v1/datasets")

FILE_FIELDS: Final = ("file", "labels", "test_file", "test_labels")
POLL_SECONDS: Final = "1"
MAX_SPEC_BYTES: Final = 64 * 1024
AGAIN: Final = {
    "an upload read again": {"from": "ds_5c0e8f1a2b3c4d5e6f708192", "target": "churned", "categorical": ["postcode"]}
}


@blueprint.post("")
@operation(
    body=Body(
        DatasetAgain,
        examples=AGAIN,
        media={
            "application/octet-stream": BINARY,
            "text/csv": BINARY,
            "multipart/form-data": UPLOAD_FORM,
        },
        most_bytes=lambda settings: settings.max_upload_bytes,
    ),
    errors=(404, 409, 507),
    answers={
        202: Answer(
            "The data set; it is read next.",
            Dataset,
            headers=("Location", "Retry-After"),
            example="Dataset, processing",
        )
    },
)
def create_dataset(query: DatasetSpec) -> Response:
    """Upload a data set: CSV, IDX, NPZ or Parquet, plain or gzipped, as the body or as `file` of a form.

    The format is told by the first bytes. What is not said is guessed, and `notes` tell what was guessed. NPZ holds `x`
    and `y`, or `x_train`, `y_train`, `x_test` and `y_test`. IDX needs a form: `file` and `labels`, and for a test part
    `test_file` and `test_labels`.

    A JSON body reads the files of a data set `from` once more, without a second upload: what it does not say is as it
    was. That one may be ready, failed or still be read; the files are kept until the last that reads them is deleted.
    """
    identifier = new_id("ds")
    record = _again(identifier) if request.is_json else _received(identifier, query)
    response = json_response(Dataset.of(record), 202)
    response.headers["Location"] = f"/v1/datasets/{identifier}"
    response.headers["Retry-After"] = POLL_SECONDS
    return response


def _received(identifier: str, spec: DatasetSpec) -> Record:
    """The record of the files in the body."""
    store, settings = services().store, services().settings
    store.datasets.check_room()
    received = receive(store, identifier, fields=FILE_FIELDS, most_bytes=settings.max_upload_bytes)

    def write() -> tuple[Record, bool]:
        if FILE_FIELDS[0] not in {file.field for file in received.files}:
            raise bad_input([{"pointer": f"#/{FILE_FIELDS[0]}", "detail": "this field is required: the data"}])
        asked = checked(DatasetSpec, received.fields | request.args.to_dict()) if received.fields else spec
        note(identifier)
        return store.datasets.create(identifier, asked.model_dump(mode="json"), received.files), True

    def undo() -> None:
        store.let_go_upload(identifier)
        store.usage.discharge(identifier)

    return submit(keys.DATASET, identifier, write, undo=undo)


def _again(identifier: str) -> Record:
    """The record of files that are kept, to be read with other choices."""
    request.max_content_length = MAX_SPEC_BYTES
    asked = body(DatasetAgain)
    if request.args:
        raise bad_parameter(next(iter(request.args)), "expected it in the JSON body")
    if asked.source in IMAGE_DATASETS:
        raise NotKeptError(f"the data set {asked.source!r} is built in: there is no upload that could be read again")
    store = services().store
    source = store.datasets.get(asked.source)
    spec = asked.spec_over(source.spec).model_dump(mode="json")

    def write() -> tuple[Record, bool]:
        begin(identifier)
        return store.datasets.create_from(source, identifier, spec), True

    return submit(keys.DATASET, identifier, write, undo=lambda: store.usage.discharge(identifier))


@blueprint.get("")
@operation(errors=(404,), answers={200: Answer("A page of data sets.", DatasetList)})
def list_datasets(query: NamedPageQuery) -> Response:
    """List data sets, newest first; last those that are built in."""
    built_in = [name for name in IMAGE_DATASETS if query.name in (None, name)]
    if query.after in IMAGE_DATASETS:
        records, more = [], False
        seen = list(IMAGE_DATASETS)
        built_in = [name for name in built_in if seen.index(name) > seen.index(query.after)]
    else:
        found = services().store.datasets.page(limit=query.limit, after=query.after, keep=query.keep)
        records, more = found.data, found.has_more
    room = 0 if more else query.limit - len(records)
    data = [Dataset.of(record, listed=True) for record in records]
    data += [Dataset.built_in_of(name, IMAGE_DATASETS[name]) for name in built_in[:room]]
    return json_response(DatasetList(data=data, has_more=more or len(built_in) > room))


@blueprint.get("/<dataset_id>")
@operation(answers={200: Answer("The data set.", Dataset, etag=True)})
def get_dataset(dataset_id: str) -> Response:
    """Read a data set: its types, shape, classes and missing values, or how far its reading is."""
    if dataset_id in IMAGE_DATASETS:
        return json_response(Dataset.built_in_of(dataset_id, IMAGE_DATASETS[dataset_id]), revision=dataset_id)
    record = services().store.datasets.get(dataset_id)
    return json_response(Dataset.of(record), revision=record.revision)


@blueprint.delete("/<dataset_id>")
@operation(errors=(409,), answers={204: Answer("It is gone.")})
def delete_dataset(dataset_id: str) -> Response:
    """Delete a data set. Models that were trained on it stay. While a job waits or trains on it, it is 409."""
    if dataset_id in IMAGE_DATASETS:
        raise InUseError(f"the data set {dataset_id!r} is built in, it cannot be deleted")
    store = services().store
    record, last = store.datasets.delete(dataset_id)
    if record.blob is not None:
        store.shared_blobs.let_go(record.blob, dataset_id)
    if last:
        store.let_go_upload(record.upload)
    store.blobs.delete(staged_path(dataset_id))
    store.usage.discharge(dataset_id)
    return Response(status=204)


@blueprint.get("/<dataset_id>/samples")
@operation(errors=(409,), answers={200: Answer("The rows.", SampleList)})
def list_samples(dataset_id: str, query: SamplesQuery) -> Response:
    """Read rows of a data set, with their labels."""
    if dataset_id in IMAGE_DATASETS:
        found = samples(dataset_id, query.split, offset=query.offset, limit=query.limit)
    else:
        store = services().store
        record = store.datasets.get(dataset_id)
        if record.blob is None:
            raise NotReadyError(f"the data set {dataset_id!r} is {record.state}: there are no rows to be read")
        found = store.samples.read(record.blob, query.split, offset=query.offset, limit=query.limit)
    return json_response(SampleList(data=found))

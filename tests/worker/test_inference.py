import gzip
import time
import zlib

import numpy as np
import orjson
import pytest

import nn
from nn import formats
from tests.support.builders.pictures import DRAWN, file_of, model_of
from tests.support.builders.predictions import ask, body, npy, request
from worker.errors import PredictionInputError
from worker.inference.cache import OBJECT_BYTES, ModelCache
from worker.inference.codecs import json_rows
from worker.inference.codecs.decoded_input import MAX_ROWS
from worker.settings import Settings
from worker.store import Store
from worker.store.blobs import model_path


@pytest.fixture
def model() -> nn.Model:
    return nn.Model.build(((3,), "classification", ("a", "b")), hidden_layers=[4], rng=np.random.default_rng(1))


def parse_inputs(model: nn.Model, raw: bytes):
    return json_rows.read(model, request(raw)).rows


def test_rows_are_read_as_float32(model: nn.Model) -> None:
    rows = parse_inputs(model, body([[1, 2.5, -3], [0, 0, 0]]))

    assert rows.dtype == np.float32
    assert rows.tolist() == [[1, 2.5, -3], [0, 0, 0]]


@pytest.mark.parametrize(
    ("raw", "pointer", "words"),
    [
        (b"", "#", "not JSON"),
        (b"{", "#", "not JSON"),
        (b"[" * 5000, "#", "not JSON"),
        (b'{"inputs": [[NaN, 1, 2]]}', "#", "not JSON"),
        (b"[]", "#", "expected an object"),
        (b"{}", "#/inputs", "required"),
        (b'{"inputs": [[1, 2, 3]], "a/b": 1}', "#/a~1b", "unknown field"),
        (body(None), "#/inputs", "got null"),
        (body([]), "#/inputs", "at least one row"),
        (body([[1, 2, 3], 5]), "#/inputs/1", "a list of numbers"),
        (body([[1, 2, 3], [1, 2]]), "#/inputs/1", "expected 3 numbers, got 2"),
        (body([[1, 2, "3"]]), "#/inputs/0/2", "got a string"),
        (body([[1, None, 3]]), "#/inputs/0/1", "got null"),
        (body([[1, True, 3]]), "#/inputs/0/1", "got a boolean"),
        (body([[1, [2], 3]]), "#/inputs/0/1", "a list of 1"),
        (b'{"inputs": [[1, 2, 1e999]]}', "#", "not JSON"),
        (b'{"inputs": [[1, 2, 1e300]]}', "#/inputs/0/2", "finite"),
        (body([[0, 0, 0]] * (MAX_ROWS + 1)), "#/inputs", str(MAX_ROWS)),
    ],
)
def test_bad_input_is_named_by_its_place(model: nn.Model, raw: bytes, pointer: str, words: str) -> None:
    with pytest.raises(PredictionInputError, match=words) as raised:
        parse_inputs(model, raw)

    assert raised.value.pointer == pointer


def test_all_true_and_false_are_no_numbers(model: nn.Model) -> None:
    with pytest.raises(PredictionInputError):
        parse_inputs(model, body([[True, False, True]]))


def test_requests_answered_together_get_what_they_would_get_alone(model: nn.Model) -> None:
    rng = np.random.default_rng(2)
    requests = [request(body(rng.normal(size=(rows, 3)).tolist())) for rows in (1, 3, 2)]

    together = ask(model, *requests)

    for one in requests:
        alone = ask(model, one)[one.id]
        here, there = (orjson.loads(reply.body) for reply in (together[one.id], alone))
        assert here["predictions"] == there["predictions"]
        np.testing.assert_allclose(here["probabilities"], there["probabilities"], atol=1e-6)
        assert here["id"] == one.id


def test_bad_input_harms_no_other_request(model: nn.Model) -> None:
    good, bad = request(body([[1, 2, 3]])), request(body([[1, 2]]))

    replies = ask(model, bad, good)

    assert replies[good.id].kind == "prediction"
    assert replies[bad.id].kind == "bad_input"
    assert orjson.loads(replies[bad.id].body)[0]["pointer"] == "#/inputs/0"


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_row_for_which_the_network_overflows_is_named_and_harms_no_other_request() -> None:
    model = nn.Model.build(((2,), "classification", ("a", "b")), preprocessing="none", rng=np.random.default_rng(0))
    sound, wild = request(body([[1, 2]])), request(body([[1, 2], [3e38, -3e38]]))

    replies = ask(model, sound, wild)

    assert replies[sound.id].kind == "prediction"
    assert replies[wild.id].kind == "bad_input"
    assert orjson.loads(replies[wild.id].body)[0]["pointer"] == "#/inputs/1"


def test_a_prediction_has_the_fields_of_the_contract(model: nn.Model) -> None:
    asked = request(body([[1, 2, 3]]))

    prediction = orjson.loads(ask(model, asked)[asked.id].body)

    assert set(prediction) == {
        "id",
        "object",
        "status",
        "model_id",
        "predictions",
        "probabilities",
        "created_at",
        "finished_at",
        "error",
        "notes",
    }
    assert prediction["predictions"] == model.predict(np.array([[1, 2, 3]])).tolist()
    assert sum(prediction["probabilities"][0]) == pytest.approx(1, abs=1e-6)


def test_the_cache_keeps_the_models_asked_last_within_its_bytes(model: nn.Model, tmp_path) -> None:
    store = Store(None, Settings(blob_url=f"file://{tmp_path}"))
    data = formats.save(model)
    for name in "abc":
        store.blobs.put(model_path(name), data)
    cache = ModelCache(store, most_bytes=2 * (model.nbytes + OBJECT_BYTES))

    first = cache.get("a")
    second = cache.get("b")
    assert cache.get("a") is first
    cache.get("c")

    assert cache.get("a") is first
    assert cache.get("b") is not second


def test_the_cache_counts_the_buffers_that_a_model_computes_in(tmp_path) -> None:
    layers = [{"type": "conv2d", "filters": 16, "kernel": 1, "padding": 100}, {"type": "max_pool2d", "size": 200}]
    wide = nn.Model.build(((28, 28), "classification", "ab"), layers=layers, rng=np.random.default_rng(1))
    store = Store(None, Settings(blob_url=f"file://{tmp_path}"))
    for name in "ab":
        store.blobs.put(model_path(name), formats.save(wide))
    cache = ModelCache(store, most_bytes=2_000_000)
    first = cache.get("a")
    assert cache.get("b") is not first
    assert cache.get("a") is first

    first.predict(np.zeros((1, 784), np.float32))  # some 4 MB of buffers
    cache.get("b")

    assert cache.get("a") is not first


def test_large_buffers_go_before_the_next_request_and_small_ones_stay(tmp_path, monkeypatch) -> None:
    layers = [{"type": "conv2d", "filters": 16, "kernel": 1, "padding": 100}, {"type": "max_pool2d", "size": 200}]
    wide = nn.Model.build(((28, 28), "classification", "ab"), layers=layers, rng=np.random.default_rng(1))
    store = Store(None, Settings(blob_url=f"file://{tmp_path}"))
    store.blobs.put(model_path("a"), formats.save(wide))
    cache = ModelCache(store, most_bytes=2**30)
    x = np.ones((1, 784), np.float32)
    kept = cache.get("a")
    before = kept.predict_probabilities(x).copy()
    held = kept.network.buffer_nbytes

    monkeypatch.setattr("worker.inference.cache.KEPT_BUFFER_BYTES", held)
    assert cache.get("a").network.buffer_nbytes == held
    monkeypatch.setattr("worker.inference.cache.KEPT_BUFFER_BYTES", held - 1)
    assert cache.get("a").network.buffer_nbytes == 0

    assert cache.get("a") is kept
    np.testing.assert_array_equal(kept.predict_probabilities(x), before)


@pytest.mark.parametrize("dtype", ["u1", ">i4", "<f8", "f2"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_arrays_of_any_numbers_are_read(model: nn.Model, dtype: str, order: str) -> None:
    rows = np.array([[1, 2, 3], [4, 5, 6]])

    there = ask(model, request(npy(rows.astype(dtype, order=order)), "npy"))
    here = ask(model, request(body(rows.tolist())))

    [a], [b] = there.values(), here.values()
    assert orjson.loads(a.body)["probabilities"] == orjson.loads(b.body)["probabilities"]


@pytest.mark.parametrize(
    ("raw", "form"),
    [
        (npy(np.array([[1, 2, 3], [4, 5, 6]])), "npy"),
        (b"1,2,3\n4,5,6\n", "csv"),
        (b"1,2\n", "csv"),
        (npy(np.zeros(4)), "npy"),
        (file_of(DRAWN), "image"),
        (file_of(DRAWN, "JPEG"), "image"),
        (b"\x89PNG", "image"),
    ],
)
def test_a_file_is_read_as_what_its_first_bytes_say(model: nn.Model, raw: bytes, form: str) -> None:
    model = model_of(28, 28) if form == "image" else model

    [unsaid], [said] = (ask(model, request(raw, name)).values() for name in ("file", form))

    assert unsaid.kind == said.kind
    told, expected = orjson.loads(unsaid.body), orjson.loads(said.body)
    if said.kind == "prediction":
        told, expected = told["probabilities"], expected["probabilities"]
    assert told == expected


def forged(shape: str) -> bytes:
    """A header that promises more than comes."""
    return npy(np.zeros((2, 3), np.float32)).replace(b"(2, 3), }", shape.encode())


def header(text: str) -> bytes:
    """An .npy file with this header, and nothing after it."""
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text.encode()


@pytest.mark.parametrize(
    ("raw", "kind", "pointer", "words"),
    [
        (b"", "bad_body", "#", "not an .npy file"),
        (b"\x93NUMPY\x01\x00\xff\xff", "bad_body", "#", "not an .npy file"),
        (b"\x93NUMPY\x03\x00\xff\xff", "bad_body", "#", "version 1.0 or 2.0"),
        (header("{'descr': '<f4', 'shape': (1, 3), 'fortran_order': 0"), "bad_body", "#", "not an .npy file"),
        (header('{"descr": """'), "bad_body", "#", "not an .npy file"),
        (header("{'descr': 7, 'fortran_order': False, 'shape': (1, 3)}"), "bad_body", "#", "not an .npy file"),
        (header("{[]: 1}"), "bad_body", "#", "not an .npy file"),
        (header("(" * 400), "bad_body", "#", "not an .npy file"),
        (header("{'descr': '<f4', 'fortran_order': False, 'shape': (-1, 3)}"), "bad_body", "#", "expected -12 bytes"),
        (forged("(9, 3), }"), "bad_body", "#", "expected 108 bytes"),
        (npy(np.array(["x"])), "bad_input", "#", "expected an array of numbers"),
        (npy(np.zeros((2, 4))), "bad_input", "#", "expected rows of 3 numbers"),
        (npy(np.zeros(3)), "bad_input", "#", "expected rows of 3 numbers"),
        (npy(np.zeros((0, 3))), "bad_input", "#", "at least one row"),
        (forged("(9999999, 3)}"), "bad_input", "#", "at most"),
        (
            npy(np.array([[1, 2, 3], [4, np.inf, 6]])),
            "bad_input",
            "#/1/1",
            "row 1, column 1: expected a finite number (of float32), got inf",
        ),
        (npy(np.array([[1, 2, 3], [4, 5, -1e300]])), "bad_input", "#/1/2", "row 1, column 2"),
    ],
)
def test_arrays_that_cannot_be_used_are_refused(
    model: nn.Model, raw: bytes, kind: str, pointer: str, words: str
) -> None:
    [reply] = ask(model, request(raw, "npy")).values()

    [problem] = orjson.loads(reply.body)
    assert (reply.kind, problem["pointer"]) == (kind, pointer)
    assert words in problem["detail"]


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress])
def test_packed_bodies_are_unpacked_up_to_a_bound(model: nn.Model, pack) -> None:
    good = request(pack(body([[1, 2, 3]])), encoding="gzip")
    bomb = request(pack(b" " * 5_000_000), encoding="gzip")
    cut = request(pack(body([[1, 2, 3]]))[:-9], encoding="gzip")

    replies = ask(model, good, bomb, cut)

    assert replies[good.id].kind == "prediction"
    assert "too large once unpacked" in orjson.loads(replies[bomb.id].body)[0]["detail"]
    assert "ends too early" in orjson.loads(replies[cut.id].body)[0]["detail"]


def test_a_body_packed_in_parts_is_whole_and_what_follows_it_is_no_part(model: nn.Model) -> None:
    raw = body([[1, 2, 3]])
    parts = request(gzip.compress(raw[:5]) + gzip.compress(raw[5:]), encoding="gzip")
    junk = request(gzip.compress(raw) + b"junk", encoding="gzip")
    bomb = request(gzip.compress(b" " * 600_000) * 3, encoding="gzip")

    replies = ask(model, parts, junk, bomb)

    assert replies[parts.id].kind == "prediction"
    assert "is not gzip" in orjson.loads(replies[junk.id].body)[0]["detail"]
    assert "too large once unpacked" in orjson.loads(replies[bomb.id].body)[0]["detail"]


@pytest.mark.parametrize(("members", "kind"), [(1000, "prediction"), (1001, "bad_input"), (1_500_000, "bad_input")])
def test_a_body_in_many_members_takes_time_by_its_size(model: nn.Model, members: int, kind: str) -> None:
    raw = body([[1, 2, 3]])
    packed = gzip.compress(b"") * (members - 1) + gzip.compress(raw)
    began = time.process_time()

    [reply] = ask(model, request(packed, encoding="gzip")).values()

    assert reply.kind == kind
    assert time.process_time() - began < 1


MNIST = nn.datasets.load("mnist")


@pytest.mark.parametrize("together", [1, 2, 3, 7, 8, 9, 33, 64])
def test_a_row_is_answered_the_same_to_the_bit_whatever_it_runs_with(together: int) -> None:
    digits = nn.Model.build(MNIST, rng=np.random.default_rng(1))
    requests = [request(body([image.tolist()])) for image in MNIST.x_test[:together]]

    replies = ask(digits, *requests)

    for one, image in zip(requests, MNIST.x_test, strict=False):
        [alone] = ask(digits, one).values()
        served, by_itself = (orjson.loads(reply.body)["probabilities"] for reply in (replies[one.id], alone))
        assert served == by_itself
        # nn multiplies one row by another kernel, that of matrix and vector, which adds in another order.
        np.testing.assert_allclose(served, digits.predict_probabilities(image[None]), rtol=0, atol=1e-6)


def test_a_large_request_is_answered_as_nn_answers_it_to_the_bit() -> None:
    digits = nn.Model.build(MNIST, rng=np.random.default_rng(1))
    large, small = request(npy(MNIST.x_test[:500]), "npy"), request(body(MNIST.x_test[:1].tolist()))

    replies = ask(digits, small, large)

    served = np.array(orjson.loads(replies[large.id].body)["probabilities"], np.float32)
    np.testing.assert_array_equal(served, digits.predict_probabilities(MNIST.x_test[:500]))

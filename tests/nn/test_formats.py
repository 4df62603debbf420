"""Formats: what is saved comes back the same, and what is damaged is refused before it can harm."""

import io
import itertools
import json
import sys
import zipfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import load as load_safetensors
from safetensors.numpy import save as save_safetensors

from nn import FORMATS, FormatError, Model, SpecError
from nn.container import read_npz
from nn.formats import load, save

READABLE = [name for name, entry in FORMATS.items() if entry.read]


@pytest.fixture
def model(clouds, rng):
    model = Model.build(clouds, hidden_layers=[5, 4], activation="gelu", dropout=0.1, rng=rng)
    model.network.parameters[...] = rng.normal(size=model.parameter_count)
    model.metadata = {"job": "job_1", "accuracy": 0.5}
    return model


@pytest.mark.parametrize("name", READABLE)
def test_a_saved_model_comes_back_the_same(model, clouds, name):
    data = save(model, name)

    for back in (load(data), load(data, name)):
        assert (
            back.predict_probabilities(clouds.x_test).tobytes() == model.predict_probabilities(clouds.x_test).tobytes()
        )
        assert back.architecture == model.architecture
        assert back.metadata == model.metadata


@pytest.mark.parametrize("name", READABLE)
def test_a_saved_regression_predicts_in_the_same_units(clouds, rng, name):
    data = type(clouds)(
        clouds.x_train,
        clouds.x_train[:, :2] * 100,
        clouds.x_test,
        clouds.x_test[:, :2] * 100,
        "regression",
        (),
        (4,),
        "t",
    )
    model = Model.build(data, rng=rng)

    np.testing.assert_array_equal(load(save(model, name)).predict(clouds.x_test), model.predict(clouds.x_test))


def test_safetensors_have_the_names_and_the_layout_of_torch_sequential(model):
    tensors = load_safetensors(save(model))

    assert {name: array.shape for name, array in tensors.items()} == {
        "0.weight": (5, 4),
        "0.bias": (5,),
        "3.weight": (4, 5),
        "3.bias": (4,),
        "6.weight": (3, 4),
        "6.bias": (3,),
    }
    np.testing.assert_array_equal(tensors["0.weight"], model.network.layers[0].W)


def test_tensors_of_another_program_are_loaded_with_an_architecture_beside_them(model):
    foreign = save_safetensors(load_safetensors(save(model)))

    with pytest.raises(FormatError, match="expected its architecture"):
        load(foreign)
    back = load(foreign, architecture=model.architecture)

    np.testing.assert_array_equal(back.network.parameters, model.network.parameters)


@pytest.mark.parametrize("packed", [save_safetensors, lambda tensors: np_savez(**tensors)])
def test_a_plain_state_dict_needs_no_more_than_its_layers_beside_it(model, clouds, packed):
    foreign = packed(load_safetensors(save(model)))
    layers = [
        {"type": "dense", "units": 5},
        {"type": "gelu"},
        {"type": "dropout", "rate": 0.1},
        {"type": "dense", "units": 4},
        {"type": "gelu"},
        {"type": "dropout", "rate": 0.1},
        {"type": "dense", "units": 3},
    ]

    back = load(foreign, architecture={"input_shape": [4], "layers": layers})

    assert back.classes == ("0", "1", "2")
    scaled = model.prepare(clouds.x_test).copy()
    np.testing.assert_allclose(
        back.predict_probabilities(scaled), model.predict_probabilities(clouds.x_test), rtol=1e-5, atol=1e-7
    )


def np_savez(**tensors):
    buffer = io.BytesIO()
    np.savez(buffer, **tensors)
    return buffer.getvalue()


OUTPUT = [{"type": "dense", "units": 3}]


@pytest.mark.parametrize(
    ("architecture", "said"),
    [
        (None, "expected its architecture, got none"),
        ([], "expected an object"),
        ({"layers": OUTPUT, "shape": [4]}, "unknown option 'shape'"),
        ({"layers": OUTPUT}, "expected the keys that a saved model has, got an error: KeyError.'input_shape'"),
        ({"input_shape": [4]}, "expected layers, the last being the output layer, got None"),
        ({"input_shape": [4], "layers": []}, "expected layers"),
        ({"input_shape": [4], "layers": OUTPUT, "preprocessing": "whiten"}, '"none", "bytes" or an object'),
        ({"input_shape": [4], "layers": OUTPUT, "classes": ["a", "b"]}, "expected an output layer of 2, got 3"),
        ({"input_shape": [4], "layers": OUTPUT, "task": "clustering"}, "expected a known task"),
        ({"input_shape": [4], "layers": OUTPUT, "loss": "hinge"}, "loss: expected one of"),
        ({"input_shape": [5], "layers": OUTPUT}, r"0.weight: expected shape \(3, 5\), got \(3, 4\)"),
        ({"input_shape": [4], "layers": [{"type": "relu"}, *OUTPUT]}, "a difference in 0.bias"),
    ],
)
def test_an_architecture_that_does_not_fit_the_state_dict_is_refused(architecture, said):
    foreign = save_safetensors({"0.weight": np.zeros((3, 4), np.float32), "0.bias": np.zeros(3, np.float32)})

    with pytest.raises(FormatError, match=said):
        load(foreign, architecture=architecture)


def test_onnx_is_written_without_its_package_and_not_read(model, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnx", None)

    assert b"Softmax" in save(model, "onnx")
    with pytest.raises(SpecError, match="expected one that can be read"):
        load(b"", "onnx")


def test_an_unknown_format_is_refused(model):
    with pytest.raises(SpecError, match=r"format: expected one of npz, .*safetensors, got 'pickle'"):
        save(model, "pickle")


def changed(model, **changes):
    """The model's safetensors with some tensors replaced, or removed where they are None."""
    data = save(model)
    size = int.from_bytes(data[:8], "little")
    metadata = json.loads(data[8 : 8 + size])["__metadata__"]
    tensors = load_safetensors(data) | changes
    return save_safetensors({k: v for k, v in tensors.items() if v is not None}, metadata)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"0.weight": np.zeros((4, 5), np.float32)}, r"0.weight: expected shape \(5, 4\), got \(4, 5\)"),
        ({"0.weight": None}, "a difference in 0.weight"),
        ({"9.weight": np.zeros(1, np.float32)}, "a difference in 9.weight"),
        ({"0.bias": np.full(5, np.nan, np.float32)}, "0.bias: expected finite numbers"),
        ({"0.weight": np.zeros((5, 4), np.float64)}, "float32 or float64"),
    ],
)
def test_tensors_that_do_not_fit_the_architecture_are_refused(model, changes, said):
    with pytest.raises(FormatError, match=said):
        load(changed(model, **changes))


@given(st.data())
def test_damaged_files_are_refused_with_a_format_error(data):
    model = Model.build(((2,), "classification", ("a", "b")), hidden_layers=[2], rng=np.random.default_rng(0))
    whole = bytearray(save(model, data.draw(st.sampled_from(READABLE))))
    if data.draw(st.booleans()):
        del whole[data.draw(st.integers(0, len(whole) - 1)) :]
    else:
        place = data.draw(st.integers(0, len(whole) - 1))
        whole[place] ^= data.draw(st.integers(1, 255))

    try:
        back = load(bytes(whole))
    except FormatError as error:
        assert "expected" in str(error)  # noqa: PT017  # it may be read as well
    else:
        assert back.parameter_count > 0  # the damage hit a number or a word that may be anything


@pytest.mark.parametrize("write", [np.savez, np.savez_compressed])
def test_an_npz_with_any_byte_damaged_is_read_or_refused_with_a_format_error(write):
    file = io.BytesIO()
    write(file, x=np.arange(8.0).reshape(4, 2), y=np.arange(4))
    whole, refused = file.getvalue(), 0

    for place, flip in itertools.product(range(len(whole)), (1, 16, 255)):
        damaged = bytearray(whole)
        damaged[place] ^= flip
        try:
            read_npz(bytes(damaged))
        except FormatError:
            refused += 1

    assert refused > len(whole)


def test_a_safetensors_header_that_asks_for_terabytes_is_refused():
    header = json.dumps({"a": {"dtype": "F32", "shape": [1 << 20, 1 << 20], "data_offsets": [0, 1 << 42]}}).encode()

    with pytest.raises(FormatError, match="bytes of tensors"):
        load(len(header).to_bytes(8, "little") + header, "safetensors")
    with pytest.raises(FormatError, match="got a size of"):
        load((1 << 60).to_bytes(8, "little") + header, "safetensors")
    with pytest.raises(FormatError, match="JSON"):
        load((200_000).to_bytes(8, "little") + b"[" * 200_000, "safetensors")


def zipped(content, *, claim=None):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.npy", content)
    return buffer.getvalue()


def npy(array, **changes):
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, array, **changes)
    return buffer.getvalue()


def test_an_npz_that_is_a_trap_is_refused():
    forged = npy(np.zeros(3)).replace(b"(3,), }       ", b"(100000000000,)").replace(b"(3,)", b"(9,)")
    pickled = npy(np.array([{}], dtype=object), allow_pickle=True)

    with pytest.raises(FormatError, match="expected"):
        load(zipped(forged), "npz")
    with pytest.raises(FormatError, match="plain numbers"):
        load(zipped(pickled), "npz")
    with pytest.raises(FormatError, match="npy header"):
        load(zipped(b"junk"), "npz")


def test_an_npz_that_unpacks_to_much_is_refused():
    from nn.container import unpack

    with pytest.raises(FormatError, match="at most 1000000 bytes"):
        unpack(zipped(npy(np.zeros(1_000_000))), max_bytes=1_000_000)


@pytest.mark.parametrize("name", READABLE)
def test_the_same_model_is_the_same_bytes_each_time(model, name):
    assert len({save(model, name) for _ in range(20)}) == 1

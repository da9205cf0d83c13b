"""Models under way: loaded side by side, stopped when the run is, kept under what ran them, and one file each."""

import hashlib
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import imgen
from imgen.contract.context import Context, using
from imgen.engine.plugins import available
from imgen.errors import Cancelled, DeviceError, ModelError
from imgen.inference import session as sessions
from imgen.inference.onnxfile import has_external_data
from imgen.inference.registry import user_folder


@pytest.fixture
def fresh(monkeypatch):
    """No model is loaded yet, no device is broken."""
    monkeypatch.setattr(sessions, "_sessions", type(sessions._sessions)())
    monkeypatch.setattr(sessions, "_broken", set())


def test_two_models_load_side_by_side_and_one_model_once(fresh, monkeypatch, tmp_path):
    both, loaded = threading.Barrier(2, timeout=10), []

    def load(path, device):
        both.wait()  # with one lock over all, the second would never come here
        loaded.append(path.name)
        return object()

    monkeypatch.setattr(sessions, "load", load)
    with ThreadPoolExecutor(8) as pool:
        names = ["a", "b"] * 4
        found = list(pool.map(lambda name: sessions.session(tmp_path / name, name, "cpu"), names))
    assert sorted(loaded) == ["a", "b"]
    assert len({id(one) for one in found}) == 2
    assert sessions._loading == {}


def test_a_model_that_cannot_be_loaded_can_be_tried_again(fresh, monkeypatch, tmp_path):
    tries = iter([ModelError("broken"), None])

    def load(path, device):
        error = next(tries)
        if error:
            raise error
        return "session"

    monkeypatch.setattr(sessions, "load", load)
    with pytest.raises(ModelError, match="broken"):
        sessions.session(tmp_path, "x", "cpu")
    assert sessions._loading == {}
    assert sessions.session(tmp_path, "x", "cpu") == "session"


def slow_model(turns: int) -> bytes:
    """A network that multiplies matrices for a long time."""
    onnx = pytest.importorskip("onnx")
    helper, kind = onnx.helper, onnx.TensorProto.FLOAT
    nodes = [helper.make_node("MatMul", ["image" if i == 0 else f"x{i}", "image"], [f"x{i + 1}"]) for i in range(turns)]
    nodes.append(helper.make_node("Identity", [f"x{turns}"], ["picture"]))
    value = {name: helper.make_tensor_value_info(name, kind, ["n", "n"]) for name in ("image", "picture")}
    graph = helper.make_graph(nodes, "slow", [value["image"]], [value["picture"]])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9).SerializeToString()


def install(data: bytes, name: str = "slow") -> imgen.inference.registry.Model:
    folder = user_folder() / "test"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.onnx").write_bytes(data)
    (folder / f"{name}.json").write_text(json.dumps({"task": "slow", "sha256": hashlib.sha256(data).hexdigest()}))
    return imgen.model(f"test/{name}")


def test_a_network_at_work_stops_when_its_run_is_cancelled():
    model, stop = install(slow_model(2000)), threading.Event()
    timer = threading.Timer(0.2, stop.set)
    timer.start()
    begin = time.monotonic()
    with using(Context(cancel=stop, device="cpu")), pytest.raises(Cancelled):
        model(image=np.zeros((1000, 1000), np.float32))  # minutes on one core
    assert time.monotonic() - begin < 10
    timer.join()
    assert model(image=np.eye(4, dtype=np.float32))[2, 2] == 1  # another run is not touched


def test_results_are_kept_under_the_device_that_made_them(photo, fresh, monkeypatch):
    """CUDA is found, and fails when the first model is loaded: the run goes on on the CPU."""
    monkeypatch.setattr(sessions, "cuda_works", lambda: True)
    load = sessions.load

    def broken_cuda(path, device):
        if device == "cuda":
            raise DeviceError("no cuDNN")
        return load(path, device)

    monkeypatch.setattr(sessions, "load", broken_cuda)
    cache, edit = imgen.Cache(), imgen.Pipeline().add("denoise", noise=10).add("crop", width=0.5)
    first = edit(photo, cache=cache)
    runs: list[str] = []
    monkeypatch.setattr("imgen.engine.pipeline.apply", lambda tool, *_: runs.append(tool.name) or photo)
    assert edit(photo, cache=cache, device="cpu").pixels is first.pixels  # what the CPU made is found as its
    assert edit(photo, cache=cache).pixels is first.pixels  # "auto" is the CPU now
    assert runs == []
    monkeypatch.setattr(sessions, "_broken", set())  # CUDA again: nothing that the CPU made may pass for its
    edit(photo, cache=cache, device="cuda")
    assert runs == ["denoise", "crop"]


def external(tmp_path, where: str) -> bytes:
    """A model whose weights lie in another file, or in a tensor deep inside that does."""
    onnx = pytest.importorskip("onnx")
    helper, kind = onnx.helper, onnx.TensorProto.FLOAT
    tensor = onnx.numpy_helper.from_array(np.ones((2, 2), np.float32), "w")
    tensor.ClearField("raw_data")
    tensor.data_location = onnx.TensorProto.EXTERNAL
    for key, value in (("location", "w.bin"), ("offset", "0"), ("length", "16")):
        entry = tensor.external_data.add()
        entry.key, entry.value = key, value
    (tmp_path / "w.bin").write_bytes(np.ones(4, np.float32).tobytes())
    value = {name: helper.make_tensor_value_info(name, kind, [2, 2]) for name in ("image", "picture")}
    inner = helper.make_graph([helper.make_node("Constant", [], ["c"], value=tensor)], "inner", [], [])
    nodes = {
        "initializer": [helper.make_node("MatMul", ["image", "w"], ["picture"])],
        "constant": [helper.make_node("Constant", [], ["picture"], value=tensor)],
        "branch": [helper.make_node("If", ["image"], ["picture"], then_branch=inner, else_branch=inner)],
    }[where]
    first = [tensor] if where == "initializer" else []
    graph = helper.make_graph(nodes, "g", [value["image"]], [value["picture"]], first)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9).SerializeToString()


@pytest.mark.parametrize("where", ["initializer", "constant", "branch"])
def test_weights_outside_the_file_are_refused(tmp_path, monkeypatch, where):
    model = install(external(tmp_path, where), where)
    for folder in (tmp_path, user_folder() / "test"):
        monkeypatch.chdir(folder)
        (folder / "w.bin").write_bytes(np.ones(4, np.float32).tobytes())
        with pytest.raises(ModelError, match="weights in other files"):
            model(image=np.eye(2, dtype=np.float32))


def test_shipped_models_are_one_file():
    models = [m for m in available().values() if m.origin != "user"]
    assert len(models) > 5
    assert not any(has_external_data(m.path.read_bytes()) for m in models)


@pytest.mark.parametrize("data", [b"hello", b"\x3a\xff\xff\xff\xff\x0f", b"\x80" * 20, b"\x3a\x05\x00", b""])
def test_what_is_no_model_is_explained(data):
    with pytest.raises(ModelError, match="cannot be"):
        install(data)(image=np.eye(2, dtype=np.float32))


def test_operators_that_are_not_onnx_runtimes_are_refused():
    onnx = pytest.importorskip("onnx")
    helper, kind = onnx.helper, onnx.TensorProto.FLOAT
    value = {name: helper.make_tensor_value_info(name, kind, ["n"]) for name in ("image", "picture")}
    graph = helper.make_graph(
        [helper.make_node("RunThis", ["image"], ["picture"], domain="evil")], "g", *([v] for v in value.values())
    )
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid("evil", 1)]
    data = helper.make_model(graph, opset_imports=opsets, ir_version=9).SerializeToString()
    with pytest.raises(ModelError, match="cannot be loaded"):
        install(data)(image=np.ones(3, np.float32))

"""Pictures, folders and a model that many tests share."""

import hashlib
import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # as in training; here torch may be loaded before imgen.training is
if "PYTEST_XDIST_WORKER" in os.environ:  # the workers are as many as there are cores: each takes one
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ.setdefault("IMGEN_THREADS", "1")
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as a shell's background jobs have it, and commands inherit it
    signal.signal(signal.SIGINT, signal.default_int_handler)
# a folder that is not there: plugins are loaded once, and their tools offer what models of a person's own they find
os.environ["IMGEN_MODELS"] = str(Path(__file__).parent / "no-models")

import numpy as np
import pytest
from PIL import Image as Pillow
from skimage import data

import imgen
from imgen.contract.tool import tool_from
from imgen.engine.plugins import installed
from imgen.inference.registry import user_folder


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees the models or the data cache of the person who runs it."""
    monkeypatch.setenv("IMGEN_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("IMGEN_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def offer(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Offers functions as tools of a plugin "mine" until the test is over."""

    def add(*functions: Callable[..., Any]) -> None:
        for function in functions:
            tool = tool_from(function, "mine", "1.0")
            monkeypatch.setitem(installed()._tools._named, tool.name, tool)

    return add


@pytest.fixture(scope="session")
def cat() -> np.ndarray:
    """A real photo: (150, 225, 3) bytes."""
    return np.ascontiguousarray(data.chelsea()[::2, ::2])


@pytest.fixture
def photo(cat: np.ndarray) -> imgen.Photo:
    return imgen.Photo.from_array(cat)


@pytest.fixture
def cat_file(cat: np.ndarray, tmp_path: Path) -> Path:
    path = tmp_path / "cat.png"
    Pillow.fromarray(cat).save(path)
    return path


@pytest.fixture
def mask_file(cat: np.ndarray, tmp_path: Path) -> Path:
    """A scratch, two pixels wide."""
    mask = np.zeros(cat.shape[:2], np.uint8)
    mask[60:62, 20:200] = 255
    path = tmp_path / "hole.png"
    Pillow.fromarray(mask).save(path)
    return path


@pytest.fixture
def identity_model(own_folders: None) -> str:
    """A user's picture-to-picture model that changes nothing."""
    onnx = pytest.importorskip("onnx")
    value = {
        name: onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, ["n", 3, "h", "w"])
        for name in ("image", "picture")
    }
    node = onnx.helper.make_node("Identity", ["image"], ["picture"])
    graph = onnx.helper.make_graph([node], "identity", [value["image"]], [value["picture"]])
    opset = [onnx.helper.make_opsetid("", 18)]
    data = onnx.helper.make_model(graph, opset_imports=opset, ir_version=9).SerializeToString()
    folder = user_folder() / "unet"
    folder.mkdir(parents=True)
    (folder / "identity.onnx").write_bytes(data)
    training = {"settings": {"objective": "pix2pix", "size": 64}}
    card = {"task": "nothing", "sha256": hashlib.sha256(data).hexdigest(), "multiple": 32, "training": training}
    (folder / "identity.json").write_text(json.dumps(card))
    return "unet/identity"


@pytest.fixture
def people(tmp_path):
    """Aligned faces, drawn: skin, eyes, and a mouth that is open or not; DIR/images and DIR/attributes.csv."""
    rng, folder = np.random.default_rng(0), tmp_path / "people"
    (folder / "images").mkdir(parents=True)
    rows = ["file,Open,Young"]
    y, x = np.mgrid[:64, :64]
    for i in range(40):
        image = np.full((64, 64, 3), rng.integers(20, 230, 3), np.uint8)
        image[((x - 32) / 20) ** 2 + ((y - 36) / 26) ** 2 < 1] = rng.integers(120, 220) * np.array([1, 0.8, 0.7])
        image[28:32, 22:28] = image[28:32, 37:43] = 20
        image[48 : 56 if i % 2 else 50, 26:38] = (150, 30, 30)
        Pillow.fromarray(image).save(folder / "images" / f"{i:03}.png")
        rows.append(f"{i:03}.png,{i % 2},{(i // 2) % 2}")
    (folder / "attributes.csv").write_text("\n".join(rows) + "\n")
    return folder

"""Networks are data: a file that reaches outside itself, or names code, is refused, and nothing is ever unpickled."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

import imgen
from imgen.errors import ModelError
from imgen.inference import session as sessions


def network(folder: Path, location: str = "", operator: str = "Add", domain: str = "") -> Path:
    """A network with one weight, which may lie in another file."""
    onnx = pytest.importorskip("onnx")
    value = [onnx.helper.make_tensor_value_info(n, onnx.TensorProto.FLOAT, [4]) for n in ("image", "picture")]
    weight = onnx.numpy_helper.from_array(np.ones(4, np.float32), "weight")
    if location:
        onnx.external_data_helper.set_external_data(weight, location)
        weight.ClearField("raw_data")
        weight.data_location = onnx.TensorProto.EXTERNAL
    node = onnx.helper.make_node(operator, ["image", "weight"], ["picture"], domain=domain)
    graph = onnx.helper.make_graph([node], "graph", value[:1], value[1:], [weight])
    opsets = [onnx.helper.make_opsetid("", 18), *([onnx.helper.make_opsetid(domain, 1)] if domain else [])]
    path = folder / "model.onnx"
    path.write_bytes(onnx.helper.make_model(graph, opset_imports=opsets, ir_version=9).SerializeToString())
    return path


@pytest.mark.parametrize("location", ["../secret.bin", "{folder}/secret.bin", "link.bin"])
def test_weights_outside_the_models_folder_are_not_read(tmp_path: Path, location: str):
    (tmp_path / "secret.bin").write_bytes(np.full(4, 7, np.float32).tobytes())
    folder = tmp_path / "models"
    folder.mkdir()
    (folder / "link.bin").symlink_to(tmp_path / "secret.bin")
    with pytest.raises(ModelError):
        sessions.load(network(folder, location.format(folder=tmp_path)), "cpu")


def test_operators_of_others_are_not_run(tmp_path: Path):
    with pytest.raises(ModelError):
        sessions.load(network(tmp_path, operator="Whatever", domain="evil.example"), "cpu")


def test_nothing_is_unpickled():
    root = Path(imgen.__file__).parents[1]
    for file in [*(root / "imgen").rglob("*.py"), *(root / "plugins").rglob("*.py")]:
        text = file.read_text(encoding="utf-8")
        assert not re.search(r"^\s*(import|from) (pickle|dill|joblib|shelve|marshal)\b", text, re.MULTILINE), file
        # a package's own weights, and then nothing but tensors
        assert all("weights_only=True" in call for call in re.findall(r"torch\.load\(.*", text)), file
        assert "torch.jit.load(" not in text, file
        assert not re.search(r"allow_pickle=True|np\.load\((?![^)]*allow_pickle=False)", text), file
        assert not re.search(r"(?<![\w.])(eval|exec)\(", text), file

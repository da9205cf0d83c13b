"""How weights are stored, and stored again in fewer bits."""

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from imgen.training.storage import halved, quartered, widened


@pytest.fixture
def model() -> onnx.ModelProto:
    """y = xW + b."""
    rng = np.random.default_rng(0)
    weights = {"W": rng.normal(size=(8, 5)), "b": rng.normal(size=5)}
    stored = [numpy_helper.from_array(value.astype(np.float32), name) for name, value in weights.items()]
    nodes = [helper.make_node("MatMul", ["x", "W"], ["p"]), helper.make_node("Add", ["p", "b"], ["y"])]
    ends = [[helper.make_tensor_value_info(name, TensorProto.FLOAT, [3, n])] for name, n in (("x", 8), ("y", 5))]
    graph = helper.make_graph(nodes, "g", *ends, stored)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)


def result(model: onnx.ModelProto) -> np.ndarray:
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, {"x": np.linspace(-1, 1, 24, dtype=np.float32).reshape(3, 8)})[0]


def test_what_was_halved_can_be_stored_in_eight_bits(model):
    exact = result(model)
    half = result(halved(model))
    assert 0 < np.abs(half - exact).max() < 2e-3
    wide = widened(model)
    assert [node.op_type for node in wide.graph.node] == ["MatMul", "Add"]
    assert {weight.data_type for weight in wide.graph.initializer} == {TensorProto.FLOAT}
    assert result(wide) == pytest.approx(half, abs=1e-6)
    eight = quartered(wide)
    assert next(w for w in eight.graph.initializer if w.name == "W_int8").data_type == TensorProto.INT8
    assert result(eight) == pytest.approx(exact, abs=0.05)

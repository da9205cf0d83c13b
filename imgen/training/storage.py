"""How an exported model's weights are stored: small, and computed with in float32 as before."""

from __future__ import annotations

import numpy as np
import onnx
from onnx import NodeProto, TensorProto, helper, numpy_helper


def halved(model: onnx.ModelProto) -> onnx.ModelProto:
    """Store float32 weights as float16 behind Cast nodes, in place: half the file."""
    casts: list[NodeProto] = []
    for weight in large(model):
        values = numpy_helper.to_array(weight).astype(np.float16)
        casts.append(helper.make_node("Cast", [weight.name + "_half"], [weight.name], to=TensorProto.FLOAT))
        weight.CopyFrom(numpy_helper.from_array(values, weight.name + "_half"))
    return begun_with(casts, model)


def quartered(model: onnx.ModelProto) -> onnx.ModelProto:
    """Store float32 weights as int8 and a scale for each row, in place: a quarter of the file.

    Runtimes fold the product when they open the model, so it costs nothing later.
    """
    steps: list[NodeProto] = []
    for weight in large(model):
        name, values = weight.name, numpy_helper.to_array(weight)
        scale = np.abs(values).max(axis=tuple(range(1, values.ndim)), keepdims=True) / np.float32(127)
        whole = np.round(values / np.maximum(scale, np.float32(1e-30))).astype(np.int8)
        steps.append(helper.make_node("Cast", [name + "_int8"], [name + "_whole"], to=TensorProto.FLOAT))
        steps.append(helper.make_node("Mul", [name + "_whole", name + "_scale"], [name]))
        weight.CopyFrom(numpy_helper.from_array(whole, name + "_int8"))
        model.graph.initializer.append(numpy_helper.from_array(scale.astype(np.float32), name + "_scale"))
    return begun_with(steps, model)


def widened(model: onnx.ModelProto) -> onnx.ModelProto:
    """Undo `halved`, in place: float32 weights with the values that were stored, to be stored otherwise."""
    stored = {weight.name: weight for weight in model.graph.initializer}
    casts = [node for node in model.graph.node if node.op_type == "Cast" and node.input[0] in stored]
    for node in casts:
        weight = stored[node.input[0]]
        values = numpy_helper.to_array(weight).astype(np.float32)
        weight.CopyFrom(numpy_helper.from_array(values, node.output[0]))
        model.graph.node.remove(node)
    return model


def large(model: onnx.ModelProto) -> list[TensorProto]:
    """The weights that are worth it: matrices and kernels in float32."""
    return [one for one in model.graph.initializer if one.data_type == TensorProto.FLOAT and len(one.dims) > 1]


def begun_with(steps: list[NodeProto], model: onnx.ModelProto) -> onnx.ModelProto:
    """The model with these nodes before its own, checked."""
    nodes = [*steps, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    onnx.checker.check_model(model)
    return model


def without_notes(model: onnx.ModelProto) -> onnx.ModelProto:
    """Take out, in place, what the exporter tells of every node: stack traces with the machine's paths."""
    for part in (model, model.graph, *model.graph.node, *model.graph.value_info):
        del part.metadata_props[:]
        part.ClearField("doc_string")
    return model


STORED = {16: halved, 8: quartered}  # by the bits of a weight

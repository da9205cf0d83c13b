"""Look into an ONNX file without loading it: a model is one file, whose checksum covers all of it.

An ONNX file is a protobuf message (https://protobuf.dev/programming-guides/encoding/); the numbers of its fields are
those of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto.
"""

from __future__ import annotations

from collections.abc import Iterator

# For each message the fields that lead to tensors: field number -> message.
LEADS: dict[str, dict[int, str]] = {
    "model": {7: "graph", 20: "training", 25: "function"},
    "training": {1: "graph", 2: "graph"},
    "function": {7: "node", 11: "attribute"},
    "graph": {1: "node", 5: "tensor", 15: "sparse"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse"},
    "sparse": {1: "tensor", 2: "tensor"},
}
EXTERNAL, LOCATION, BYTES = 13, 14, 2  # of a tensor: external_data, data_location; the wire type of messages


def has_external_data(data: bytes) -> bool:
    """Whether weights of an ONNX model lie outside its file.

    Raises:
        ValueError: it is no protobuf message.
    """
    waiting = [("model", memoryview(data))]
    while waiting:
        kind, message = waiting.pop()
        for number, wire, value in fields(message):
            if kind == "tensor":
                if number == EXTERNAL or (number == LOCATION and value[0] != 0):
                    return True
            elif wire == BYTES and number in LEADS[kind]:
                waiting.append((LEADS[kind][number], value))
    return False


def fields(message: memoryview) -> Iterator[tuple[int, int, memoryview]]:
    """A message's fields: number, wire type, and the bytes of the value.

    Raises:
        ValueError: the bytes are no message.
    """
    at = 0
    while at < len(message):
        tag, at = varint(message, at)
        wire = tag & 7
        if wire == 0:  # a number; of those only whether it is 0 matters here
            _, end = varint(message, at)
        elif wire == BYTES:
            length, at = varint(message, at)
            end = at + length
        elif wire in (1, 5):
            end = at + (8 if wire == 1 else 4)
        else:
            raise ValueError("no ONNX file")
        if end > len(message):
            raise ValueError("no whole ONNX file")
        yield tag >> 3, wire, message[at:end]
        at = end


def varint(message: memoryview, at: int) -> tuple[int, int]:
    """A number of variable length, and where it ends."""
    value = 0
    for place in range(10):
        if at >= len(message):
            break
        byte = message[at]
        at += 1
        value |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            return value & 0xFFFFFFFFFFFFFFFF, at
    raise ValueError("no whole ONNX file")

"""Arrays as keys: what they hold, worked out once for those that never change."""

from __future__ import annotations

import hashlib
import weakref
from typing import Any

import numpy as np
from numpy.typing import NDArray

_known: dict[int, tuple[weakref.ref[NDArray[Any]], str]] = {}


def digest(array: NDArray[Any]) -> str:
    """A hash of an array's shape, type and values.

    It is remembered as long as the array lives if the array is read-only, as a photo's arrays and a pipeline's are;
    one that may be written to is hashed anew each time.
    """
    key = id(array)
    found = _known.get(key)
    if found is not None and found[0]() is array:
        return found[1]
    head = repr((array.shape, array.dtype.str)).encode()
    made = hashlib.sha256(head)  # many processors have it built in
    made.update(np.ascontiguousarray(array).data)
    text = made.hexdigest()
    if not array.flags.writeable:
        _known[key] = (weakref.ref(array, lambda gone: forget(key, gone)), text)
    return text


def forget(key: int, gone: weakref.ref[NDArray[Any]]) -> None:
    """An array is gone; its number may already be another's."""
    found = _known.get(key)
    if found is not None and found[0] is gone:
        del _known[key]


def constant(array: NDArray[Any]) -> NDArray[Any]:
    """The array itself if it is read-only, else a read-only copy: its owner may go on writing to the array."""
    if not array.flags.writeable:
        return array
    array = array.copy()
    array.flags.writeable = False
    return array

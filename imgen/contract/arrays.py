"""The arrays that pictures are, and those that nobody can write to by accident or on purpose."""

from __future__ import annotations

from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import NDArray
from typing_extensions import Buffer

Array = NDArray[np.float32]  # pictures, masks, codes: what most functions take and give
T = TypeVar("T", bound=np.generic)


def read_only(array: NDArray[T]) -> NDArray[T]:
    """The same values in the same memory, behind a buffer that cannot be written to: `setflags(write=True)` fails.

    An array that is such a view already stays itself.
    """
    base: Any = array.base  # NumPy's stubs know arrays only
    if isinstance(base, memoryview) and not array.flags.writeable:
        return array
    return np.asarray(memoryview(cast(Buffer, array)).toreadonly())  # NumPy's stubs leave the protocol out

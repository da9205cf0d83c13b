"""Parts of SciPy that are imported when first used: listing the tools, or drawing a page, needs none of them.

Example:
    >>> from imgen.lazy import ndimage
    >>> ndimage.uniform_filter([0.0, 3.0, 0.0], 3).tolist()
    [1.0, 1.0, 1.0]
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

__all__ = ["csgraph", "interpolate", "ndimage", "sparse", "sparse_linalg", "spatial", "special"]


class Lazy(ModuleType):
    """Stands for a module of that name, and imports it when something of it is asked for."""

    def __getattr__(self, name: str) -> Any:
        value = getattr(import_module(self.__name__), name)
        setattr(self, name, value)
        return value


if TYPE_CHECKING:
    from scipy import interpolate, ndimage, sparse, spatial, special
    from scipy.sparse import csgraph
    from scipy.sparse import linalg as sparse_linalg
else:
    csgraph = Lazy("scipy.sparse.csgraph")
    interpolate = Lazy("scipy.interpolate")
    ndimage = Lazy("scipy.ndimage")
    sparse = Lazy("scipy.sparse")
    sparse_linalg = Lazy("scipy.sparse.linalg")
    spatial = Lazy("scipy.spatial")
    special = Lazy("scipy.special")

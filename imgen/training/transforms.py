"""torchvision's functions on pictures, imported when first used: torch's compiler, which they bring, takes seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..lazy import Lazy

__all__ = ["functional"]

if TYPE_CHECKING:
    from torchvision.transforms.v2 import functional
else:
    functional = Lazy("torchvision.transforms.v2.functional")

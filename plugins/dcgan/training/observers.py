"""What a second critic looks through: networks that have seen many pictures."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator
from torch import Tensor
from torch.nn import functional as F

from imgen.faces.training.perceptual import FeatureNetwork
from imgen.training.backbone import CHANNELS, pretrained
from imgen.training.trainer import Hardware

SIDE = 96  # at which the network of objects sees faces, in pixels


def named(value: Any) -> Any:
    """The setting, where it was yes or no before."""
    return {True: "attributes", False: "none", "true": "attributes", "false": "none"}.get(value, value)


Observer = Annotated[Literal["none", "attributes", "objects"], BeforeValidator(named)]


class Objects:
    """EfficientNet-Lite0's features, which know what things look like (Kumari et al., arXiv 2112.09130).

    Attributes:
        widths: channels of its features at 1/4, 1/8, 1/16 and 1/32 of SIDE.
        strides: of critics of these features.
        hidden: channels of their hidden layers.
    """

    widths, strides, hidden = CHANNELS[1:], (2, 1, 1, 1), 64

    def __init__(self) -> None:
        self.network = pretrained().eval().requires_grad_(False)

    def __call__(self, hardware: Hardware, faces: Tensor) -> list[Tensor]:
        """Features (B, C, SIDE / n, SIDE / n) of faces (B, 3, S, S) in 0..1."""
        hardware.place(self.network)
        with hardware.autocast():
            return self.network(F.interpolate(faces, size=SIDE, mode="bilinear", align_corners=False))[1:]


OBSERVERS = {"attributes": FeatureNetwork, "objects": Objects}


def observer(name: Observer) -> FeatureNetwork | Objects | None:
    """The network of that name; None for "none"."""
    return OBSERVERS[name]() if name in OBSERVERS else None

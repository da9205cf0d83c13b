"""What a second critic looks through: features of the network that tells the attributes of faces."""

from __future__ import annotations

from torch import Tensor

from imgen.training.trainer import Hardware

from ..vae.losses import feature_network


class Eye:
    """The feature network of the VAE plugin, frozen; it learned from faces 1 to 4,500 and their attributes.

    Attributes:
        widths: channels of its features at 1/2, 1/4, 1/8 and 1/16 of the size.
        strides: of critics of these features.
    """

    strides = (2, 1, 1, 1)

    def __init__(self) -> None:
        self.network = feature_network()
        self.widths = [int(stage[-2].num_features) for stage in self.network.stages]  # type: ignore[index, union-attr]

    def __call__(self, hardware: Hardware, faces: Tensor) -> list[Tensor]:
        """Features (B, C, 64 / n, 64 / n), at least 0, of faces (B, 3, 64, 64) in 0..1."""
        hardware.place(self.network)
        with hardware.autocast():
            return self.network.features(faces)

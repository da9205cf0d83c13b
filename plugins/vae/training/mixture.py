"""A mixture of Gaussians fitted to the codes of faces: sampling from it beats sampling from the prior."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field
from torch import Tensor, nn

from imgen.faces.training.portraits import portraits
from imgen.training.data import DataError
from imgen.training.trainer import Dice, Exported, Hardware, Settings, Trainer, rows

from ..networks import Gaussians
from ..tools.codes import decoded, latent
from .labels import encoded


class MixtureSettings(Settings):
    """How many Gaussians, and of which codes."""

    components: int = Field(16, ge=1, description="Gaussians; they share one covariance")
    latent: int = Field(256, ge=1, description="Length of the codes of vae/faces")
    held_out: int = Field(1000, ge=0, description="The last so many faces are never seen")
    ridge: float = Field(0.01, ge=0, description="Added to the variance of every dimension")


class Mixture(Trainer):
    """vae/mixture: expectation maximisation (Dempster et al., 1977), one round a step, with a shared covariance.

    Sampling a fitted mixture instead of the prior as in Ghosh et al., arXiv 1903.12436.
    """

    name = "vae/mixture"
    task = "how the codes of faces are distributed, to invent faces"
    layout = "DIR...: aligned square faces, in DIR/ or DIR/images/"
    terms = "those of the faces and of the vae/faces that is in use"
    Settings: ClassVar[type[Settings]] = MixtureSettings
    settings: MixtureSettings

    def load(self, folders: Sequence[Path]) -> None:
        """The codes of aligned faces."""
        if self.settings.latent != latent():
            raise DataError(f"vae/faces has codes of {latent()} numbers; give --set latent={latent()}")
        images = portraits(folders).images
        kept = images[: len(images) - self.settings.held_out].astype(np.float32) / np.float32(255)
        self.codes = torch.from_numpy(encoded(kept))

    def build(self) -> None:
        """The mixture; nothing in it is learned by gradients."""
        self.model = Gaussians(self.settings.components, self.settings.latent)
        self.networks = {"model": self.model}
        self.optimizers = {}

    def step(self, hardware: Hardware, dice: Dice) -> dict[str, float | Tensor]:
        """One round: which Gaussian each code belongs to, then where the Gaussians lie."""
        model, codes = self.model, hardware.place(self.codes)
        if dice.step == 0:
            model.start(codes, dice.torch)
        logs = model.log_density(codes)  # (N, K)
        model.maximise(codes, logs.softmax(1), self.settings.ridge)
        return {"nats": -logs.logsumexp(1).mean(), "components": (model.chances > 0.1 / len(model.chances)).sum()}

    def sheet(self, network: nn.Module, dice: Dice) -> Tensor:
        """Two rows of samples."""
        assert isinstance(network, Gaussians)
        choice = torch.multinomial(network.chances, 16, replacement=True, generator=dice.torch)
        noise = torch.randn(16, self.settings.latent, generator=dice.torch)
        made = torch.from_numpy(decoded(network(noise, torch.eye(len(network.chances))[choice]).numpy()))
        made = made.permute(0, 3, 1, 2)
        return rows(made[:8], made[8:])

    def export(self, network: nn.Module) -> Exported:
        """Codes (B, latent) of noise (B, latent) and one-hot choices (B, components)."""
        assert isinstance(network, Gaussians)
        spec = {"noise": {0: "batch"}, "choice": {0: "batch"}}
        measured = {"chances": [round(chance, 5) for chance in network.chances.tolist()]}
        return Exported(network, self.example, ["code"], spec, 1, None, measured)

    def example(self, rng: np.random.Generator, batch: int, height: int, width: int) -> dict[str, NDArray[np.float32]]:
        """Noise, and a Gaussian each."""
        s = self.settings
        choice = np.eye(s.components, dtype=np.float32)[rng.integers(s.components, size=batch)]
        return {"noise": rng.standard_normal((batch, s.latent), dtype=np.float32), "choice": choice}

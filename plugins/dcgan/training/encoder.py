"""Training of the encoder, which guesses the code that a generator would draw a face from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional as F

from imgen.faces import SIZE
from imgen.faces.training.portraits import batch_of, draw, portraits, random_faces
from imgen.inference.registry import Model
from imgen.training import checkpoint
from imgen.training.checkpoint import as_bytes, as_checksum
from imgen.training.data import DataError
from imgen.training.trainer import Dice, Exported, Hardware, PictureSettings, Settings, Trainer, Width, rows, update

from ..networks import Critic, Encoder, Generator, Searchable, base_of
from ..tools.codes import length, network


class EncoderSettings(PictureSettings):
    """How the encoder is built and trained."""

    code: int = Field(128, ge=1, description="Numbers in a code of dcgan/faces")
    widths: tuple[Width, Width, Width, Width] = Field(
        (48, 80, 128, 160), description="Channels at 32, 16, 8 and 4 pixels"
    )
    real: float = Field(30.0, ge=0, description="Weight of the squared error of real faces beside that of made codes")
    holes: float = Field(0.3, ge=0, le=1, description="Share of the faces in which a rectangle is hidden")
    batch: int = Field(32, ge=2, description="Made and real faces in a step, each")


class Encoding(Trainer):
    """dcgan/encoder: a first guess for the search, learned from made faces, whose codes are known, and real ones."""

    name = "dcgan/encoder"
    task = "the codes of faces for dcgan/faces, as a search starts from them"
    layout = "DIR...: aligned square faces, in DIR/ or DIR/images/"
    terms = "those of the faces and of the dcgan/faces that is in use"
    Settings: ClassVar[type[Settings]] = EncoderSettings
    settings: Any  # an EncoderSettings

    def load(self, folders: Sequence[Path]) -> None:
        """Aligned faces, and the generator in use.

        Raises:
            DataError: it has codes of another length.
        """
        if self.settings.code != length():
            raise DataError(f"dcgan/faces has codes of {length()} numbers; give --set code={length()}")
        self.images, self.generator = portraits(folders, SIZE).images, searchable(network())
        self.checksum = network().checksum

    def build(self) -> None:
        """One encoder and AdamW."""
        s = self.settings
        self.model = Encoder(s.code, s.widths)
        self.networks = {"model": self.model}
        self.optimizers = {"model": torch.optim.AdamW(self.model.parameters(), s.rate, weight_decay=s.decay)}

    def step(self, hardware: Hardware, dice: Dice) -> dict[str, float | Tensor]:
        """Guess the codes of made faces, and codes from which real ones come back."""
        s, encoder, generator = self.settings, self.model, hardware.place(self.generator)
        encoder.of.copy_(as_bytes(self.checksum))
        real = hardware.place(batch_of(self.images, draw(dice.numpy, s.batch, 0, len(self.images) - s.held_out)))
        code = hardware.place(torch.randn(s.batch, s.code, generator=dice.torch))
        with hardware.autocast():
            with torch.no_grad():
                made = generator.pictures(code)
            shown = with_holes(torch.cat([made.float(), real]), s.holes, dice.numpy)
            guess, own = encoder(shown).float().chunk(2)
            again = generator.pictures(own)
        codes, pixels = F.mse_loss(guess, code), F.mse_loss(again.float(), real)
        # real faces, too, must get codes as the generator knows them: of length 1 in each dimension at most
        long = F.relu(own.square().mean(1) - 1).mean()
        loss = codes + s.real * pixels + 0.1 * long
        gradient = update(hardware, encoder, self.optimizers["model"], loss)
        return {"codes": codes, "psnr": -10 * pixels.detach().log10(), "long": long, "gradient": gradient}

    def sheet(self, network: nn.Module, dice: Dice) -> Tensor:
        """Rows: faces, and what the generator makes of their codes."""
        faces = batch_of(self.images, draw(dice.numpy, 8, 0, len(self.images) - self.settings.held_out))
        device = next(network.parameters()).device
        return rows(faces, self.generator.pictures(network(faces.to(device)).float()).cpu())

    def export(self, network: nn.Module) -> Exported:
        """Codes (B, code) of faces (B, 3, 64, 64)."""
        measured = {"codes_of": as_checksum(network.get_buffer("of"))}
        return Exported(network, random_faces, ["code"], {"image": {0: "batch"}}, SIZE, None, measured, bits=8)


def searchable(model: Model) -> Searchable:
    """An exported `dcgan/faces` in PyTorch, frozen."""
    s = model.settings
    base = base_of(SIZE, s["widths"], s["upsampling"])
    with torch.device("cpu"):  # also where a trainer is built without memory
        made = Searchable(
            Generator(s["code"], 0, 3, s["widths"], base, s["upsampling"]).eval(),
            Critic(0, 3, s["critic_widths"], base, s["norm"], s["spread"], s.get("deep", False)).eval(),
            torch.zeros(2, s["code"]),
        )
    weights = checkpoint.from_onnx(model.path)
    made.load_state_dict({name: weights[name] for name in made.state_dict()})
    return made.eval().requires_grad_(False)


def with_holes(faces: Tensor, share: float, rng: np.random.Generator) -> Tensor:
    """Faces (B, 3, 64, 64), in some of which a rectangle is filled with the mean colour, as completion starts."""
    faces = faces.clone()
    for i in np.flatnonzero(rng.random(len(faces)) < share):
        height, width = rng.integers(8, 33, 2)
        top, left = rng.integers(0, SIZE - height + 1), rng.integers(0, SIZE - width + 1)
        face = faces[int(i)]
        face[:, top : top + height, left : left + width] = face.mean((1, 2))[:, None, None]
    return faces

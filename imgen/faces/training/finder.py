"""Training of core/faces: where faces are in a picture, and where their eyes are.

A fully convolutional network says for every 8x8 pixels how sure it is that a face is centred there, and where that
face's eyes are. One size of face is learned, a little more than an octave; a pyramid shows it all others. The dense
answers follow DenseBox (Huang et al., arXiv 1509.04874), the loss is the focal loss (Lin et al., arXiv 1708.02002).

A small branch learns from the network itself where it would see a face if the picture were turned by quarters
(distillation, Hinton et al., arXiv 1503.02531), with the focal loss for soft truths (Li et al., arXiv 2006.04388).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional as F

from ...errors import ParameterError
from ...training.trainer import Dice, Exported, Hardware, Settings, Trainer, as_tensor, rows, update
from .attributes import FaceAttributes
from .colours import FaceColours
from .data import LEAST, MOST, Scenes
from .network import STRIDE, Bounded, Finder


class FinderSettings(Settings):
    """What it learns from, and how."""

    grows: ClassVar[dict[str, int]] = {"batch": 1, "size": 2}

    narrow: int = Field(40, ge=8, description="Channels at a quarter of the size")
    wide: int = Field(72, ge=8, description="Channels at an eighth of the size")
    rate: float = Field(2e-3, gt=0, description="Learning rate at its peak")
    decay: float = Field(0.02, ge=0, description="Weight decay")
    batch: int = Field(24, ge=2, description="Scenes in a step")
    size: int = Field(160, ge=64, multiple_of=8, description="Side of a scene in pixels")
    held_out: int = Field(1000, ge=0, description="So many of the last faces are kept for the evaluation")
    without: str = Field(
        "", description="Text file with the names of photos to leave out, one a line: they show people"
    )
    hints_only: bool = Field(
        False, description="Learn where turned faces are and nothing else; give a model to --start"
    )


class FaceFinder(Trainer):
    """core/faces: the first --data folder holds aligned faces of 64x64 pixels, the others photos without people."""

    name = "core/faces"
    task = "find human faces and their eyes"
    layout = "FACES PHOTOS...: aligned faces of 64x64 pixels, then folders of photos without people"
    Settings: ClassVar[type[Settings]] = FinderSettings
    settings: FinderSettings

    def load(self, folders: Sequence[Path]) -> None:
        """Faces and photos."""
        self.scenes = Scenes(folders, self.settings.held_out, names(self.settings.without))

    def build(self) -> None:
        """One network and AdamW."""
        s = self.settings
        network = Finder(s.narrow, s.wide)
        learning = network.turned if s.hints_only else network
        self.networks = {"model": network}
        self.optimizers = {"model": torch.optim.AdamW(learning.parameters(), s.rate, weight_decay=s.decay)}

    def batch(self, dice: Dice) -> tuple[Tensor, Tensor, Tensor]:
        """Scenes (B, 3, S, S); labels (B, 1, S/8, S/8): 1 face, 0 none, -1 does not count; eyes (B, 4, S/8, S/8)."""
        size = self.settings.size
        scenes = [self.scenes.draw(dice.numpy, size) for _ in range(self.settings.batch)]
        truth = np.stack([targets(scene.eyes, size // STRIDE) for scene in scenes])
        there = as_tensor(truth)
        return as_tensor(np.stack([scene.picture for scene in scenes])), there[:, :1], there[:, 1:]

    def step(self, hardware: Hardware, dice: Dice) -> dict[str, float | Tensor]:
        """Draw, find, compare, update."""
        network, optimizer = self.networks["model"], self.optimizers["model"]
        assert isinstance(network, Finder)
        pictures, labels, eyes = (hardware.place(t) for t in self.batch(dice))
        with hardware.autocast():
            turned, truth = hints(network, pictures)
        hint = hint_loss(turned.float(), truth)
        if self.settings.hints_only:
            return {"hint": hint, "gradient": update(hardware, network, optimizer, hint)}
        with hardware.autocast():
            logits, found, _ = network(pictures)
        face, eye = face_loss(logits.float(), labels), eye_loss(found.float(), eyes, labels)
        gradient = update(hardware, network, optimizer, face + 4 * eye + hint)
        return {"face": face, "eye": eye, "hint": hint, "gradient": gradient}

    def sheet(self, network: nn.Module, dice: Dice) -> Tensor:
        """Rows: scenes, how sure it is of faces, the truth; the scenes upside down, how sure it is of faces in them."""
        pictures, labels, _ = self.batch(dice)
        over = pictures.flip(2, 3)
        device = next(network.parameters()).device
        found, turned = (
            network(x.to(device))[i][:, c].float().sigmoid().cpu() for x, i, c in ((pictures, 0, 0), (over, 2, 1))
        )
        grids = (found[:, None], labels, turned[:, None])
        found, labels, turned = (F.interpolate(x, scale_factor=STRIDE).expand(-1, 3, -1, -1) for x in grids)
        return rows(pictures, found, labels, over, turned)

    def export(self, network: nn.Module) -> Exported:
        """Probabilities, eyes and hints, as `Finder` says, of a picture (B, 3, H, W)."""
        dynamic = {"image": {0: "batch", 2: "height", 3: "width"}}
        return Exported(Bounded(network), random_image, ["face", "eyes", "turned"], dynamic, STRIDE, None)


def names(file: str) -> frozenset[str]:
    """The lines of a text file; none for no file.

    Raises:
        ParameterError: it cannot be read.
    """
    if not file:
        return frozenset()
    try:
        return frozenset(Path(file).read_text(encoding="utf-8").split())
    except OSError as error:
        raise ParameterError(f"--set without={file}: {error}; give a text file with one name a line") from error


def targets(eyes: NDArray[np.float32], cells: int) -> NDArray[np.float32]:
    """What the network should say (cells, cells, 5) of a scene with eyes (N, 4): label, then the eyes' places.

    A cell is a face if its middle is within half an eye distance, and a pixel, of the tip of the nose; between that
    and a whole one, and around faces of sizes that are not asked for, it does not count.
    """
    truth = np.zeros((cells, cells, 5), np.float32)
    middles = (np.mgrid[:cells, :cells][::-1].transpose(1, 2, 0) + 0.5) * STRIDE  # (cells, cells, 2): x, y
    for face in eyes:
        left, right = face.reshape(2, 2)
        across = right - left
        distance = float(np.hypot(*across))
        nose = (left + right) / 2 + 0.4 * np.array([-across[1], across[0]])
        away = np.hypot(*(middles - nose).transpose(2, 0, 1))
        inside = (away < 0.5 * distance + 1) & (LEAST <= distance <= MOST)
        truth[(away < distance + 1) & (truth[..., 0] != 1), 0] = -1
        truth[inside, 0] = 1
        truth[inside, 1:] = (face.reshape(1, 2, 2) - middles[inside][:, None]).reshape(-1, 4)
    return truth


def face_loss(logits: Tensor, labels: Tensor, gamma: float = 2.0) -> Tensor:
    """Focal loss: what is found easily hardly counts; the sum over all cells, by the number of cells with a face."""
    truth = labels.clamp(min=0)
    entropy = F.binary_cross_entropy_with_logits(logits, truth, reduction="none")
    wrong = (logits.sigmoid() - truth).abs()
    return (wrong**gamma * entropy * (labels >= 0)).sum() / (labels == 1).sum().clamp(min=1)


def eye_loss(found: Tensor, eyes: Tensor, labels: Tensor) -> Tensor:
    """Mean distance of the eyes' coordinates from the truth where there is a face, as parts of the eye distance."""
    distance = torch.hypot(eyes[:, 2:3] - eyes[:, :1], eyes[:, 3:4] - eyes[:, 1:2]).clamp(min=1)
    inside = (labels == 1).float()
    return ((found - eyes).abs() / distance * inside).sum() / (4 * inside.sum()).clamp(min=1)


def hints(network: Finder, pictures: Tensor) -> tuple[Tensor, Tensor]:
    """What the network says of pictures (B, 3, S, S), each seen in all four ways, and what it should say.

    Returns:
        Logits of turned faces (4 * B, 3, S/8, S/8), and the probabilities of upright ones that the network itself
        gives for the turned pictures, turned back.
    """
    training = network.training
    network.eval()  # as it will be when it is used
    with torch.no_grad():
        seen = network.seen(torch.cat([torch.rot90(pictures, way, (2, 3)) for way in range(4)]))
        logits = network.head(network.body[2](seen))[:, 0]
        said = logits.float().sigmoid().unflatten(0, (4, -1))
    network.train(training)
    truth = [
        torch.stack([torch.rot90(said[(way + turns) % 4], -turns, (1, 2)) for turns in (1, 2, 3)], 1)
        for way in range(4)
    ]
    return network.turned(seen), torch.cat(truth)


def hint_loss(logits: Tensor, truth: Tensor, gamma: float = 2.0) -> Tensor:
    """The focal loss for truths between 0 and 1; the sum over all cells, by the sum of the truth."""
    entropy = F.binary_cross_entropy_with_logits(logits, truth, reduction="none")
    wrong = (logits.sigmoid() - truth).abs()
    return (wrong**gamma * entropy).sum() / truth.sum().clamp(min=1)


def random_image(rng: np.random.Generator, batch: int, height: int, width: int) -> dict[str, NDArray[np.float32]]:
    """Random pixels."""
    return {"image": rng.random((batch, 3, height, width), dtype=np.float32)}


TRAINERS = [FaceFinder, FaceAttributes, FaceColours]

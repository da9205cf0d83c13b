"""Training of a generator of close faces together with changes of its codes that bring and take what faces show.

After AttGAN (He et al., arXiv 1711.10678), as `vae/closeup-edits`: a changed face must show a judge what was asked for,
look real to a critic who is told what it shall show, and else stay as it is. What the generator seldom draws, glasses
and beards, it learns from real faces, whose codes an encoder finds and whose glasses are a change of these.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field
from torch import Tensor, nn

from imgen import faces
from imgen.faces import SIZE
from imgen.faces.training.asked import ASKED, Asked, Sliders, chosen, regions
from imgen.faces.training.judges import Critic, lesson, lied, surprise, word
from imgen.faces.training.marks import marks
from imgen.faces.training.perceptual import charbonnier, unlike
from imgen.faces.training.portraits import batch_of
from imgen.faces.training.views import view
from imgen.training.checkpoint import as_checksum
from imgen.training.data import DataError
from imgen.training.metrics import batch_psnr
from imgen.training.trainer import Dice, Exported, Hardware, Settings, rows, update

from ..tools.codes import crop, encoded, features, network, random_codes
from .changes import NAMES, Changes, Drawn, enlarged, looked_at
from .encoder import searchable
from .faces import Faces, FacesSettings, searched
from .judges import Marked
from .observers import Observer

LENGTHS = (0.45, 1.0)  # of made codes beside random ones: sums of faces have short ones
AMOUNTS = (0.75, 1.25)  # of a change, in training
RARE = ("glasses", "sunglasses", "beard", "moustache", "makeup", "eyes_closed")  # what codes say little of
PLACES = 16  # of the first features, among which a code's change is spread


class FacesEditsSettings(FacesSettings):
    """How it goes on learning; the rest must be as the generator in use was built."""

    observer: Observer = Field("none", description="Leave it: the second critic is another one")
    batch: int = Field(16, ge=2, description="Changes in a step, and real faces")
    made: int = Field(8, ge=1, description="Made faces in a step that stay as they are")
    count: int = Field(1500, ge=10, description="Made faces that are changed, beside real ones")
    rate: float = Field(3e-4, gt=0, description="Learning rate of the generator at its peak")
    codes: float = Field(0.02, gt=0, description="Learning rate of changes of codes")
    features: float = Field(0.01, gt=0, description="Learning rate of changes of the first features")
    critic_after: int = Field(40, ge=0, description="Steps before the critic's word counts")
    seen: float = Field(1.0, ge=0, description="Weight of what a judge sees in changed faces")
    kept: float = Field(6.0, ge=0, description="Weight of the change, most where none is needed")
    real: float = Field(0.1, ge=0, description="Weight of the critic's word")
    again: float = Field(8.0, ge=0, description="Weight of the error of real faces, and of made ones as they were")
    alike: float = Field(0.5, ge=0, description="Weight of what a network sees of that error of real faces")
    length: float = Field(1e-3, ge=0, description="Weight of the squared length of changes")


class FacesEdits(Faces):
    """dcgan/faces-edits: the `dcgan/faces` of close crops in use, with changes. Export it as dcgan/faces."""

    name = "dcgan/faces-edits"
    task = "faces from nothing, and changes of them, at 64x64 pixels"
    layout = "DIR: fairface_128, DIR/images/ and DIR/labels.csv with image, age, gender and origin"
    terms = "those of the faces"
    Settings: ClassVar[type[Settings]] = FacesEditsSettings
    settings: Any  # a FacesEditsSettings

    def load(self, folders: Sequence[Path]) -> None:
        """Faces and what they show, a judge that has learned it, and made faces to change.

        Raises:
            DataError: the generator in use is built otherwise, or draws wide crops.
        """
        check(self.settings)
        marked = Marked(folders)
        self.judge, self.images, self.truth = marked.whole(), marked.images, marked.ordered()
        real = np.concatenate(
            [encoded(part).code for part in np.array_split(marked.faces, len(marked.faces) // 50 + 1)]
        )
        count = self.settings.count
        lengths = np.random.default_rng(0).uniform(*LENGTHS, (count, 1)).astype(np.float32)
        made = lengths * random_codes(1, count)
        self.bases = looked_at(np.concatenate([made, real]), searchable(network()), self.judge)
        kinds = [*marks()[0], "age", "male"]
        columns = ["male" if name == "gender" else name for name in NAMES]
        self.asked, self.real = (Sliders(list(NAMES), columns, kinds, s) for s in (self.bases.shown, self.truth))
        self.rare = [(NAMES.index(name), kinds.index(name)) for name in RARE]
        self.cost = regions(list(NAMES), SIZE)

    def build(self) -> None:
        """The generator in use, a table of changes, and a critic."""
        s = self.settings
        self.begun_with = network().card["training"]
        self.model, self.changes = Drawn(searchable(network()), codes_of()), Changes(len(NAMES), s.code, features())
        critic = Critic(len(marks()[0]) + 2, SIZE, 32)
        self.both = nn.ModuleList([self.model, self.changes])
        self.networks = {"generator": self.model, "changes": self.changes, "critic": critic}
        groups = [
            {"params": self.model.learning(), "lr": s.rate},
            {"params": [self.changes.codes], "lr": s.codes},
            {"params": [self.changes.features], "lr": s.features},
        ]
        self.optimizers = {
            "both": torch.optim.Adam(groups, betas=(0.9, 0.99)),
            "critic": torch.optim.Adam(critic.parameters(), s.critic_rate, betas=(0.5, 0.9)),
        }

    def step(self, hardware: Hardware, dice: Dice) -> dict[str, float | Tensor]:
        """Draw real faces from what the encoder says of them, change others, add up what counts; teach the critic."""
        s, rng = self.settings, dice.numpy
        edits = self.asked.draw(rng, s.batch)
        picked = [self.some(rng, i) for i in range(s.batch)]
        real = hardware.place(batch_of(self.images, np.where(rng.random(s.batch) < 0.5, picked, np.invert(picked))))
        kept = rng.integers(s.count, size=s.made)
        drawn, same, length = self.drawn(hardware, dice, edits, (real, np.array(picked), kept))
        again, _, made = drawn.split([s.batch, s.batch, s.made])
        told = np.concatenate([self.truth[picked], edits.target, self.bases.shown[kept]])
        said = hardware.place(torch.from_numpy(told))
        costs = self.costs(hardware, dice, edits, (real, same), drawn)
        old = hardware.place(batch_of(self.bases.pictures, kept))
        costs["near"] = s.again * charbonnier(made, old)
        with hardware.autocast():
            heard = word(self.networks["critic"], drawn, said, dice.torch)
        costs["real"] = -s.real * float(dice.step >= s.critic_after) * heard.mean()
        costs["length"] = s.length * length
        gradient = update(hardware, self.both, self.optimizers["both"], torch.stack([*costs.values()]).sum())
        self.teach(hardware, dice, edits, (real, picked), (drawn.detach(), said))
        figures: dict[str, float | Tensor] = {name: cost.detach() for name, cost in costs.items()}
        return {"psnr": batch_psnr(again, real), "gradient": gradient, **figures}

    def some(self, rng: np.random.Generator, number: int) -> int:
        """A real face, every second time one with something rare."""
        if number % 2:
            return int(rng.integers(len(self.images)))
        return chosen(rng, self.real.having[self.rare[int(rng.integers(len(self.rare)))][0]])

    def drawn(
        self, hardware: Hardware, dice: Dice, edits: Asked, others: tuple[Tensor, NDArray[np.int64], NDArray[np.int64]]
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Real faces drawn again, changed ones and made ones; the second before their change; lengths of changes."""
        real, picked, kept = others
        low, high = AMOUNTS
        amounts = hardware.place(low + (high - low) * torch.rand(len(edits.slider), 1, generator=dice.torch))
        place = torch.from_numpy(np.where(edits.more, 0, 1)), torch.from_numpy(edits.slider)
        code, extra = amounts * self.changes.codes[place], amounts * self.changes.features[place]
        start = hardware.place(torch.from_numpy(self.bases.codes[edits.faces]))
        found = hardware.place(torch.from_numpy(encoded(real.permute(0, 2, 3, 1).cpu().numpy()).code))
        has = np.stack([self.truth[picked, column] > 0.5 for _, column in self.rare], 1).astype(np.float32)
        brought, rare = hardware.place(torch.from_numpy(has)), [k for k, _ in self.rare]
        own = found + brought @ self.changes.codes[0, rare]
        beside = brought @ self.changes.features[0, rare]
        made = hardware.place(torch.from_numpy(self.bases.codes[kept]))
        with hardware.autocast():
            drawn = self.model(
                torch.cat([own, start + code, made]),
                torch.cat([beside, extra, extra.new_zeros(len(made), extra.shape[1])]),
            )
            with torch.no_grad():
                same = self.model(start, torch.zeros_like(extra))
        return drawn.float(), same.float(), (code.square().sum(1) + extra.square().sum(1) / PLACES).mean()

    def costs(
        self, hardware: Hardware, dice: Dice, edits: Asked, before: tuple[Tensor, Tensor], drawn: Tensor
    ) -> dict[str, Tensor]:
        """What real faces drawn again, and changed ones, shall be; each times its weight."""
        s, (real, same) = self.settings, before
        again, edited, _ = drawn.split([s.batch, s.batch, s.made])
        target, weight = (hardware.place(torch.from_numpy(part)) for part in (edits.target, edits.weight))
        cost = hardware.place(self.cost)[torch.from_numpy(edits.slider).to(same.device)]
        judge = hardware.place(self.judge)
        with hardware.autocast():
            logits = judge(view(enlarged(edited), dice.torch))
            with torch.no_grad():
                truth = judge.network(enlarged(real))
            alike = unlike(judge.network(enlarged(again)), truth).mean()
        return {
            "seen": s.seen * (surprise(logits, target) * weight).sum(1).mean() / ASKED,
            "kept": s.kept * (cost * (edited - same).abs()).mean(),
            "again": s.again * charbonnier(again, real),
            "alike": s.alike * alike,
        }

    def teach(
        self, hardware: Hardware, dice: Dice, edits: Asked, faces: tuple[Tensor, list[int]], made: tuple[Tensor, Tensor]
    ) -> None:
        """One step of the critic: real faces and what they show, drawn ones, real ones and what they do not show."""
        rng, (real, picked) = dice.numpy, faces
        pairs = zip(edits.slider, edits.more, strict=True)
        others = [chosen(rng, (self.real.having if up else self.real.lacking)[k]) for k, up in pairs]
        both = torch.cat([real, hardware.place(batch_of(self.images, np.array(others)))])
        shown = self.truth[[*picked, *others]]
        columns = np.tile(np.array(self.asked.columns)[edits.slider], 2)
        truth, lie = (hardware.place(torch.from_numpy(part)) for part in (shown, lied(shown, columns)))
        with hardware.autocast():
            loss = lesson(self.networks["critic"], (both, truth, lie), made, dice.torch)
        update(hardware, self.networks["critic"], self.optimizers["critic"], loss, clip=math.inf)

    def warnings(self) -> dict[str, str]:
        """None: the critic may tell all apart."""
        return {}

    def sheet(self, network: nn.Module, dice: Dice) -> Tensor:
        """Made faces, and below them each with more of each thing."""
        place = next(self.changes.parameters()).device
        start, none = torch.from_numpy(0.7 * random_codes(1, 8)).to(place), torch.zeros(1, features(), device=place)
        changes = zip(self.changes.codes[0], self.changes.features[0], strict=True)
        lines = [network(start, none), *(network(start + code, none + extra) for code, extra in changes)]
        return rows(*(line.cpu() for line in lines))

    def export(self, network: nn.Module) -> Exported:
        """As `dcgan/faces`; the card tells whose codes it keeps, since an encoder of these still fits."""
        assert isinstance(network, Drawn)
        return searched(network.whole, self.example)._replace(measured={"codes_of": as_checksum(network.of)})


def codes_of() -> str:
    """SHA-256 of the generator whose codes the one in use keeps, which is mostly itself."""
    return network().card.get("measured", {}).get("codes_of", network().checksum)


def check(settings: FacesEditsSettings) -> None:
    """That the generator in use is built as the settings say.

    Raises:
        DataError: it is not.
    """
    if crop() != faces.CLOSE:
        raise DataError("the dcgan/faces in use draws wide crops; changes are learned for close ones")
    card = network().settings
    for name in ("code", "widths", "upsampling", "critic_widths", "norm", "spread", "deep"):
        mine = getattr(settings, name)
        if card.get(name) != (list(mine) if isinstance(mine, tuple) else mine):
            raise DataError(f"the dcgan/faces in use has {name}={card.get(name)}; give --set {name}=...")

"""What models of wide and of close crops are measured on: faces, a judge of what they show, and where holes are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from imgen import faces
from imgen.contract.arrays import Array
from imgen.faces.attributes import COLUMNS
from imgen.faces.training import measures
from imgen.faces.training.marks import people
from imgen.faces.training.measures import classified, planes
from imgen.faces.training.portraits import located, portraits
from imgen.faces.training.referee import TEST, referee
from imgen.training.backbone import pretrained
from imgen.training.data import Pictures

from ..tools.codes import crop
from ..training.judges import enlarged

Holes = dict[str, tuple[slice, slice]]
WIDE: Holes = {"mouth": np.s_[43:55, 22:43], "eyes": np.s_[24:36, 18:47]}
CLOSE: Holes = {"mouth": np.s_[38:54, 18:46], "eyes": np.s_[11:27, 10:54]}
BATCH = 50


class Bench(NamedTuple):
    """The faces of a folder, as far as the present generator has seen them or not.

    Attributes:
        learned: (N, 64, 64, 3) in 0..1, which it learned from.
        test: (M, 64, 64, 3), the last ones, which it has not seen.
        names: of what the judge tells.
        judge: chances (N, K) of what faces (N, 64, 64, 3) show.
        holes: parts of a crop.
    """

    learned: Array
    test: Array
    names: Sequence[str]
    judge: Callable[[Array], Array]
    holes: Holes


def bench(folders: Sequence[Path]) -> Bench:
    """Faces as the present generator draws them, and who judges them.

    Of wide crops core/attributes is the judge, which learned from other faces than those whose word directions come
    from; of close ones it is the referee, whose network took no part in training. It learned from faces as soft as
    made ones.
    """
    table = portraits(folders)
    close = crop() == faces.CLOSE
    images = table.images.astype(np.float32) / np.float32(255)
    learned, test = np.split(images, [-(TEST if close else measures.TEST)])
    if close:
        names = [path.name for path in Pictures([folders[0] / "images"]).paths]
        judge = referee(names, enlarged(table.images), people(folders[0]))
        kinds = ["gender" if kind == "male" else kind for kind in judge.kinds]

        def seen(made: Array) -> Array:
            return judge(enlarged((made * 255).round().astype(np.uint8)))

        return Bench(learned, test, kinds, seen, CLOSE)
    places, signs = located(table.names, COLUMNS)

    def celebrities(made: Array) -> Array:
        return (classified(made)[0][:, places] - 0.5) * signs + np.float32(0.5)

    return Bench(learned, test, tuple(COLUMNS), celebrities, WIDE)


def objects(pictures: Array) -> Array:
    """What EfficientNet-Lite0 sees of faces (N, S, S, 3) at 128 pixels: means (N, 432) at 1/16 and 1/32."""
    network, found = pretrained().eval(), list[Array]()
    with torch.inference_mode():
        for start in range(0, len(pictures), BATCH):
            part = enlarged((pictures[start : start + BATCH] * 255).round().astype(np.uint8))
            *_, middle, last = network(torch.from_numpy(planes(part.astype(np.float32))) / 255)
            found.append(torch.cat([middle.mean((2, 3)), last.mean((2, 3))], 1).numpy())
    return np.concatenate(found)

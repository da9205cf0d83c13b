"""How far coloured photos are from true ones as a set, by what EfficientNet-Lite0 sees in them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import numpy as np
import torch
from kornia.contrib import extract_tensor_patches
from torch.nn import functional as F

from imgen.contract.arrays import Array
from imgen.training.backbone import pretrained
from imgen.training.frechet import frechet
from imgen.training.report import Report

DISTANCE = "Fréchet distance on EfficientNet-Lite0 features"  # not the FID, which needs an Inception network
SIDE = 160  # at which the network looks


class FeatureDistance:
    """Features of pictures by method, collected one photo at a time."""

    def __init__(self) -> None:
        self.network = pretrained().eval()
        self.seen: dict[str, list[Array]] = defaultdict(list)
        self.truth: list[Array] = []

    def add(self, truth: Array, results: Mapping[str, Array]) -> None:
        """What methods made of one photo (H, W, 3), and the photo itself."""
        self.truth.append(self.features(truth))
        for method, result in results.items():
            self.seen[method].append(self.features(result))

    @torch.no_grad()
    def features(self, picture: Array) -> Array:
        """(5, 320): of the whole and of its quarters, so that a few hundred pictures suffice."""
        x = torch.from_numpy(np.array(picture, np.float32)).permute(2, 0, 1)[None]
        half = x.shape[2] // 2, x.shape[3] // 2
        quarters = extract_tensor_patches(x, half, half)[0].split(1)
        parts = [F.interpolate(p, (SIDE, SIDE), mode="bilinear", antialias=True) for p in (x, *quarters)]
        return self.network(torch.cat(parts))[-1].mean((2, 3)).numpy()

    def report(self, report: Report, row: str) -> None:
        """The distance of each method's pictures from the true ones; smaller sets give larger figures."""
        truth = np.stack(self.truth)
        for method, seen in self.seen.items():
            both = np.stack([np.stack(seen), truth], 1)  # (photos, 2, 5, 320): drawn together
            report.add_statistic(row, method, both, distance, draws=10)


def distance(both: Array) -> float:
    """Of features (photos, 2, 5, 320): made, true."""
    made, true = (both[:, i].reshape(-1, both.shape[-1]) for i in (0, 1))
    return frechet(made, true)

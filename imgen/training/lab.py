"""CIE Lab to sRGB in PyTorch, with useful slopes: for losses on what colours look like."""

from __future__ import annotations

import torch
from torch import Tensor

D65_XYZ = ((0.412453, 0.357580, 0.180423), (0.212671, 0.715160, 0.072169), (0.019334, 0.119193, 0.950227))


def lab_to_rgb(lab: Tensor) -> Tensor:
    """(B, 3, H, W), L in 0..100, to sRGB in 0..1; what sRGB cannot show is cut off (`image.lab` lowers its chroma)."""
    to_xyz = torch.tensor(D65_XYZ, dtype=torch.float64)
    to_rgb = torch.linalg.inv(to_xyz / to_xyz.sum(1, keepdim=True)).float().to(lab.device)
    y = (lab[:, 0] + 16) / 116
    f = torch.stack([y + lab[:, 1] / 500, y, y - lab[:, 2] / 200], 1)
    xyz = torch.where(f > 6 / 29, f**3, 3 * (6 / 29) ** 2 * (f - 4 / 29))
    light = torch.einsum("ck,bkhw->bchw", to_rgb, xyz).clamp(1e-5, 1)
    return torch.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)

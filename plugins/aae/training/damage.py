"""Faces as bad pictures show them, for an autoencoder that shall see the face behind the damage."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

KINDS = ("pixels", "blur", "noise", "hole")
SIDE = 64  # of a face, in the pixels that blocks and blurs are counted in


def damaged(faces: Tensor, share: float, rng: np.random.Generator) -> Tensor:
    """Faces (B, C, S, S) in 0..1, each with that chance pixelated, blurred, noisy or covered in part."""
    made = [damage(one, str(rng.choice(KINDS)), rng) if rng.random() < share else one for one in faces]
    return torch.stack(made).contiguous(memory_format=torch.channels_last)


def damage(face: Tensor, kind: str, rng: np.random.Generator) -> Tensor:
    """One face (C, S, S) in 0..1, damaged in that way."""
    scale = face.shape[-1] / SIDE
    if kind == "pixels":
        return pixelated(face, scale * float(rng.uniform(2, 6)))
    if kind == "blur":
        return blurred(face, scale * float(rng.uniform(1, 4)))
    if kind == "noise":
        noise = torch.from_numpy(rng.standard_normal(face.shape, dtype=np.float32))
        return (face + float(rng.uniform(0.05, 0.25)) * noise).clamp(0, 1)
    return covered(face, rng)


def pixelated(face: Tensor, side: float) -> Tensor:
    """Blocks of about `side` pixels, each with its mean colour."""
    blocks = max(2, round(face.shape[-1] / side))
    small = F.interpolate(face[None], size=(blocks, blocks), mode="area")
    return F.interpolate(small, size=face.shape[1:], mode="nearest")[0]


def blurred(face: Tensor, sigma: float) -> Tensor:
    """Gaussian blur with that standard deviation in pixels; the border is continued."""
    radius = int(3 * sigma) + 1
    kernel = torch.exp(-0.5 * (torch.arange(-radius, radius + 1) / sigma) ** 2)
    kernel = (kernel / kernel.sum())[None, None]  # (1, 1, taps)
    planes = F.pad(face[:, None], (radius,) * 4, mode="replicate")  # (C, 1, S + 2 r, S + 2 r)
    return F.conv2d(F.conv2d(planes, kernel[..., None, :]), kernel[..., None])[:, 0]


def covered(face: Tensor, rng: np.random.Generator) -> Tensor:
    """A rectangle with the mean colour over a part of it."""
    side, face = face.shape[-1], face.clone()
    height, width = rng.integers(side // 8, side // 3, 2)
    top, left = rng.integers(0, side - height), rng.integers(0, side - width)
    face[:, top : top + height, left : left + width] = face.mean((1, 2))[:, None, None]
    return face

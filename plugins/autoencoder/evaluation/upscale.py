"""How near enlarged photos are to what they were before they were made smaller."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from PIL import Image as Pillow
from tqdm import tqdm

import imgen
from imgen.contract.arrays import Array
from imgen.training import corrupt
from imgen.training.data import find_pictures
from imgen.training.metrics import psnr
from imgen.training.report import Report

Picture = Pillow.Image
Method = Callable[[Picture, int], Array]


def ours(small: Picture, factor: int) -> Array:
    """The tool."""
    return np.asarray(imgen.tools()["upscale"](small, factor=factor).pixels)


def pillow(way: Pillow.Resampling) -> Method:
    """One of Pillow's ways."""

    def run(small: Picture, factor: int) -> Array:
        large = small.resize((factor * small.width, factor * small.height), way)
        return np.asarray(large, np.float32) / np.float32(255)

    return run


METHODS: dict[str, Method] = {
    "imgen": ours,
    "bicubic": pillow(Pillow.Resampling.BICUBIC),
    "Lanczos": pillow(Pillow.Resampling.LANCZOS),
}


def evaluate_upscale(folders: Sequence[Path]) -> Report:
    """RGB PSNR of photos that were made smaller by bicubic interpolation, as super-resolution is compared; and of JPEG
    files of these. Four pixels of the border do not count at twice the size, eight at four times.
    """
    paths = [p for folder in folders for p in find_pictures(folder)]
    report = Report(len(paths), "PSNR in dB")
    for path in tqdm(paths, unit="picture"):
        truth = even(imgen.open(path).pixels, 4)
        for label, small, factor in made_small(truth):
            for name, method in METHODS.items():
                within = np.s_[2 * factor : -2 * factor]
                report.add(label, name, psnr(method(small, factor)[within, within], truth[within, within]))
    return report


def made_small(truth: Array) -> list[tuple[str, Picture, int]]:
    """(row of the report, small picture, factor)."""
    large = Pillow.fromarray((truth * 255).round().astype(np.uint8))
    half, quarter = (large.resize((large.width // n, large.height // n), Pillow.Resampling.BICUBIC) for n in (2, 4))
    coded = corrupt.jpeg(np.asarray(half, np.float32) / np.float32(255), 85)
    jpeg = Pillow.fromarray((coded * 255).round().astype(np.uint8))
    return [("twice the size", half, 2), ("twice the size, JPEG 85", jpeg, 2), ("four times the size", quarter, 4)]


def even(image: Array, multiple: int) -> Array:
    """The picture with sides that are multiples."""
    height, width = (n // multiple * multiple for n in image.shape[:2])
    return np.ascontiguousarray(image[:height, :width])

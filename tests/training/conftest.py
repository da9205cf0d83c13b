"""Pictures and folders that tests of this place share."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow


@pytest.fixture
def mixed(cat, tmp_path) -> Path:
    """Photos as people have them: turned by EXIF, compressed, grey, with alpha, of 16 bits, with a palette, damaged."""
    folder, picture = tmp_path / "mixed", Pillow.fromarray(cat)
    (folder / "in").mkdir(parents=True)
    exif = Pillow.Exif()
    exif[0x0112] = 6
    picture.save(folder / "b.jpg", exif=exif, quality=10)
    picture.convert("L").save(folder / "a.png")
    picture.convert("RGBA").save(folder / "in" / "c.png")
    Pillow.fromarray(cat[..., 0].astype(np.uint16) * 200).save(folder / "in" / "d.tif")
    picture.quantize(16).save(folder / "e.png")
    picture.convert("1").save(folder / "f.png")
    (folder / "g.jpg").write_bytes(b"no picture")
    (folder / "readme.md").write_text("no table")
    return folder


@pytest.fixture
def masks(cat, tmp_path) -> Path:
    """Photos, soft masks, and numbers of classes in three ways."""
    folder, classes = tmp_path / "pairs", np.zeros(cat.shape[:2], np.uint8)
    classes[40:, 30:] = 2
    for name in ("image", "mask", "labels"):
        (folder / name).mkdir(parents=True)
    for stem in "abc":
        Pillow.fromarray(cat).save(folder / "image" / f"{stem}.png")
        Pillow.fromarray(cat[..., 1]).save(folder / "mask" / f"{stem}.png")
    palette = Pillow.fromarray(classes)
    palette.putpalette([0, 0, 0, 200, 0, 0, 0, 200, 0])
    palette.save(folder / "labels" / "a.png")
    Pillow.fromarray(classes).save(folder / "labels" / "b.png")
    Pillow.fromarray(classes > 0).save(folder / "labels" / "c.png")
    return folder

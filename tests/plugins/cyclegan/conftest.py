"""Pictures and folders that tests of this place share."""

import numpy as np
import pytest
from PIL import Image as Pillow
from skimage import data


@pytest.fixture
def pair(cat, tmp_path):
    """Parts of a photo as they are, and others in a bluer light: DIR/warm2cold."""
    folder, rng = tmp_path / "warm2cold", np.random.default_rng(0)
    for side, light in (("A", (1, 0.9, 0.6)), ("B", (0.5, 0.8, 1))):
        for split, count in (("train", 12), ("test", 6)):
            (folder / f"{split}{side}").mkdir(parents=True)
            for i in range(count):
                top, left = rng.integers(80), rng.integers(150)
                part = (cat[top : top + 64, left : left + 64] * np.float32(light)).astype(np.uint8)
                Pillow.fromarray(part).save(folder / f"{split}{side}" / f"{i}.png")
    return folder


@pytest.fixture(scope="module")
def coffee() -> np.ndarray:
    return data.coffee()[::2, ::2].astype(np.float32) / 255

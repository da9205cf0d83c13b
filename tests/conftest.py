"""Pictures and folders that many tests share."""

import os
from pathlib import Path

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")

import numpy as np
import pytest
from PIL import Image as Pillow
from skimage import data

import imgen


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees the models or the data cache of the person who runs it."""
    monkeypatch.setenv("IMGEN_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("IMGEN_CACHE", str(tmp_path / "cache"))


@pytest.fixture(scope="session")
def cat() -> np.ndarray:
    """A real photo: (150, 225, 3) bytes."""
    return np.ascontiguousarray(data.chelsea()[::2, ::2])


@pytest.fixture
def photo(cat: np.ndarray) -> imgen.Photo:
    return imgen.Photo.from_array(cat)


@pytest.fixture
def cat_file(cat: np.ndarray, tmp_path: Path) -> Path:
    path = tmp_path / "cat.png"
    Pillow.fromarray(cat).save(path)
    return path


@pytest.fixture
def mask_file(cat: np.ndarray, tmp_path: Path) -> Path:
    """A scratch, two pixels wide."""
    mask = np.zeros(cat.shape[:2], np.uint8)
    mask[60:62, 20:200] = 255
    path = tmp_path / "hole.png"
    Pillow.fromarray(mask).save(path)
    return path

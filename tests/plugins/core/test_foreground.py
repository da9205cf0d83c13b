import numpy as np
import pytest
from PIL import Image as Pillow
from PIL import ImageDraw
from skimage import data

import imgen
from imgen_plugins.core.tools import foreground
from imgen_plugins.core.tools.foreground import estimate_foreground


def photo(name: str, height: int, width: int) -> np.ndarray:
    return np.asarray(Pillow.fromarray(getattr(data, name)()).resize((width, height)), np.float32) / 255


def hairs(height: int, width: int) -> np.ndarray:
    """A disc with thin rays, its outline antialiased."""
    picture = Pillow.new("L", (2 * width, 2 * height))
    pen = ImageDraw.Draw(picture)
    rng = np.random.default_rng(0)
    for angle, length in zip(rng.uniform(0, 2 * np.pi, 150), rng.uniform(0.7, 0.9, 150) * height, strict=True):
        pen.line((width, height, width + length * np.cos(angle), height + length * np.sin(angle)), fill=255, width=2)
    pen.ellipse((width - 0.6 * height, 0.4 * height, width + 0.6 * height, 1.6 * height), fill=255)
    return np.asarray(picture.resize((width, height), Pillow.Resampling.BOX), np.float32) / 255


def disc(height: int, width: int, soft: float) -> np.ndarray:
    y, x = np.mgrid[:height, :width]
    away = np.hypot(y - height / 2, x - width / 2)
    return np.clip((0.35 * height - away) / soft + 0.5, 0, 1).astype(np.float32)


def mixed(front: np.ndarray, back: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """The composite, as a file of 8 bits holds it."""
    exact = alpha[..., None] * front + (1 - alpha[..., None]) * back
    return (np.rint(exact * 255) / 255).astype(np.float32)


def error(got: np.ndarray, front: np.ndarray, alpha: np.ndarray) -> float:
    """Mean error of what will be seen of soft pixels, of 255."""
    weight = np.where(alpha < 1, alpha, 0)[..., None]
    return float((np.abs(got - front) * weight).sum() / (3 * weight.sum())) * 255


@pytest.mark.parametrize(("soft", "part"), [(3, 0.4), (12, 0.4)])
def test_a_photo_s_own_colours_are_found_along_a_soft_edge(soft, part):
    front, back, alpha = photo("chelsea", 300, 400), photo("rocket", 300, 400), disc(300, 400, soft)
    image = mixed(front, back, alpha)
    assert error(estimate_foreground(image, alpha), front, alpha) < part * error(image, front, alpha)


def test_hair_loses_the_background():
    alpha = hairs(300, 400)
    front = np.broadcast_to(np.float32([0.9, 0.7, 0.3]), (300, 400, 3))
    image = mixed(front, np.broadcast_to(np.float32([0.05, 0.1, 0.4]), front.shape), alpha)
    assert error(image, front, alpha) > 40
    assert error(estimate_foreground(image, alpha), front, alpha) < 3


def test_a_wide_fade_is_no_edge():
    image = photo("chelsea", 300, 400)
    assert estimate_foreground(image, disc(300, 400, 120)) == pytest.approx(image, abs=0.01)


def test_only_soft_pixels_change():
    alpha = disc(300, 400, 8)
    image = mixed(photo("chelsea", 300, 400), photo("rocket", 300, 400), alpha)
    got = estimate_foreground(image, alpha)
    soft = (alpha > 0) & (alpha < 1)
    assert np.array_equal(got[~soft], image[~soft])
    assert (got[soft] != image[soft]).any()
    assert got.min() >= 0
    assert got.max() <= 1


def test_strips_leave_no_seam(monkeypatch):
    front, back, alpha = photo("chelsea", 300, 400), photo("rocket", 300, 400), disc(300, 400, 8)
    image = mixed(front, back, alpha)
    whole = estimate_foreground(image, alpha)
    monkeypatch.setattr("imgen.image.guided.STRIP", 37 * 400)
    assert estimate_foreground(image, alpha) == pytest.approx(whole, abs=1e-5)


def test_a_large_photo_begins_at_a_smaller_size(monkeypatch):
    front, back, alpha = photo("chelsea", 300, 400), photo("rocket", 300, 400), disc(300, 400, 6)
    image = mixed(front, back, alpha)
    monkeypatch.setattr(foreground, "WHOLE", 2000)  # as if the photo had hundreds of megapixels
    assert error(estimate_foreground(image, alpha), front, alpha) < 0.5 * error(image, front, alpha)


@pytest.mark.parametrize("shape", [(1, 1), (1, 70), (3, 2)])
@pytest.mark.parametrize("alpha", [0, 0.5, 1])
def test_any_size(shape, alpha):
    image = np.full((*shape, 3), 0.25, np.float32)
    assert estimate_foreground(image, np.full(shape, alpha, np.float32)) == pytest.approx(image, abs=1e-3)


def test_a_cut_out_has_no_rim_on_white():
    alpha = disc(200, 200, 6)
    image = mixed(np.full((200, 200, 3), 0.9, np.float32), np.full((200, 200, 3), (0.05, 0.1, 0.4), np.float32), alpha)
    selected = imgen.Photo(image, selection=alpha)

    def darkest(**parameters: object) -> float:
        cut = imgen.Pipeline().add("selection_to_alpha", **parameters)
        return float(cut.add("flatten")(selected, cache=None).pixels.min())

    assert darkest() > 0.88
    assert darkest(decontaminate=False) < 0.8

import numpy as np
import pytest
from scipy import ndimage

import imgen
from imgen.image.tiling import axis_spans, tiled


def blur(tile: np.ndarray) -> np.ndarray:
    """A filter with a reach of 4 pixels."""
    return ndimage.uniform_filter(tile, (0, 0, 9, 9), mode="nearest").astype(np.float32)


@pytest.mark.parametrize("shape", [(100, 131), (64, 64), (1, 1), (7, 500), (333, 40)])
def test_tiled_equals_whole(shape):
    image = np.random.default_rng(0).random((*shape, 3), dtype=np.float32)
    whole = tiled(blur, image, halo=4, multiple=8, tile=10_000)
    parts = tiled(blur, image, halo=4, multiple=8, tile=48)
    assert parts == pytest.approx(whole, abs=2e-6)
    assert tiled(blur, image, halo=4, tile=1) == pytest.approx(tiled(blur, image, halo=4, tile=10_000), abs=2e-6)
    if shape == (64, 64):  # no padding: the network sees the picture alone
        assert whole == pytest.approx(blur(image.transpose(2, 0, 1)[None])[0].transpose(1, 2, 0), abs=1e-6)


@pytest.mark.parametrize("length", [1, 15, 64, 65, 500, 1000])
def test_weights_add_up_to_one(length):
    total = np.zeros(length)
    for span in axis_spans(length, 64, 8, 8):
        total[span.write] += span.weight
        assert (span.read.stop - span.read.start) % 8 == 0
        assert span.read.start <= span.write.start
        assert span.read.stop >= span.write.stop
    assert total == pytest.approx(1)


def test_tiles_without_work_are_skipped():
    calls: list[tuple[int, ...]] = []

    def run(tile: np.ndarray) -> np.ndarray:
        calls.append(tile.shape)
        return tile + 1

    where = np.zeros((256, 256), np.float32)
    where[10, 10] = 1
    result = tiled(run, np.zeros((256, 256, 3), np.float32), halo=0, multiple=8, tile=64, where=where)
    assert len(calls) == 1
    assert result[10, 10, 0] == 1
    assert result[200, 200, 0] == 0


@pytest.mark.parametrize("name", ["autoencoder/denoise", "autoencoder/denoise-best"])
def test_the_denoisers_in_tiles_agree_with_the_whole(cat, name):
    model = imgen.model(name)
    image = np.tile(cat, (2, 2, 1)).astype(np.float32) / 255
    noise = np.random.default_rng(0).normal(0, 25 / 255, image.shape).astype(np.float32)

    def run(tile: np.ndarray) -> np.ndarray:
        return model(image=tile, condition=np.full((1, 1, *tile.shape[2:]), 25 / 255, np.float32))

    options = {"halo": model.card["halo"], "multiple": model.card["multiple"]}
    whole = tiled(run, image + noise, tile=10_000, **options)
    parts = tiled(run, image + noise, tile=96, **options)
    assert np.abs(parts - whole).max() < 0.5 / 255

"""How much effort goes into a photo where nothing is said."""

import json
import shutil

import numpy as np
import pytest

import imgen
from imgen_plugins.autoencoder.tools.denoising import affordable


@pytest.fixture
def noisy(cat) -> np.ndarray:
    return cat.astype(np.float32) / 255 + np.random.default_rng(0).normal(0, 25 / 255, cat.shape).astype(np.float32)


def test_without_a_word_small_photos_get_the_best_and_large_ones_and_previews_what_is_fast(noisy):
    photo, tool = noisy[:64, :64].clip(0, 1), imgen.tools()["denoise"]
    assert np.array_equal(tool(photo, noise=25), tool(photo, noise=25, quality="best"))
    made = imgen.Pipeline().add("denoise", noise=25).run(photo, preview=True, cache=None)
    assert np.array_equal(made.pixels, tool(photo, noise=25, quality="fast"))
    assert affordable(np.empty((1024, 1024, 3), np.float32)) == "best"
    assert affordable(np.empty((1024, 1025, 3), np.float32)) == "fast"


def test_without_a_word_a_model_of_the_users_own_is_taken(monkeypatch, tmp_path):
    monkeypatch.setenv("IMGEN_MODELS", str(tmp_path))
    photo = np.empty((64, 64, 3), np.float32)
    for name, wanted in ("denoise", "fast"), ("denoise-best", "best"):
        shipped = imgen.model(f"autoencoder/{name}").path
        for path in shipped, shipped.with_suffix(".json"):
            (tmp_path / "autoencoder").mkdir(exist_ok=True)
            shutil.copy(path, tmp_path / "autoencoder")
        assert affordable(photo) == wanted


def test_a_recipe_of_before_there_was_auto_stays_with_fast():
    recipe = json.loads(imgen.Pipeline().add("denoise", noise=25).to_json())
    recipe["steps"][0]["tool_version"] = 1
    old = imgen.Pipeline.from_json(json.dumps(recipe))
    assert old.steps[0].parameters == {"quality": "fast", "noise": 25}

"""How much of a photo's own detail a change keeps."""

import numpy as np
import pytest

from imgen.faces.detail import detailed, grain, hardness


def test_soft_changes_keep_the_detail_and_hard_ones_replace_it():
    rng = np.random.default_rng(0)
    before = np.full((128, 128, 3), 0.5, np.float32)
    photo = before + 0.1 * rng.standard_normal((128, 128, 3), dtype=np.float32)
    soft = detailed(photo, before, before + np.float32(0.05))
    assert soft == pytest.approx(photo + 0.05, abs=1e-5)
    hard = detailed(photo, before, before + np.float32(0.4))
    assert hard.std() < 0.3 * photo.std()
    assert hard.mean() == pytest.approx(0.9, abs=0.01)
    assert hardness(np.zeros((128, 128, 3), np.float32)).max() == 0


def test_what_is_only_added_keeps_all_detail():
    rng = np.random.default_rng(0)
    before = np.full((128, 128, 3), 0.5, np.float32)
    photo = before + 0.1 * rng.standard_normal((128, 128, 3), dtype=np.float32)
    added = detailed(photo, before, before + np.float32(0.4), hard=before)
    assert added == pytest.approx(photo + 0.4, abs=1e-5)


def test_grain_is_as_strong_as_the_photos_own():
    noise = np.random.default_rng(0).standard_normal((512, 512, 1), dtype=np.float32)
    photo = np.repeat(0.5 + 0.02 * noise, 3, 2)
    assert grain(photo, 4.0).std() == pytest.approx(0.02, rel=0.15)
    assert grain(photo, 1.0).max() == 0

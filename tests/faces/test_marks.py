import numpy as np
import pytest

pytest.importorskip("torch")
pytestmark = pytest.mark.train

from imgen.faces.training import marks as by_hand
from imgen.training.data import DataError


def test_the_classifier_learns_from_marks():
    rng = np.random.default_rng(0)
    features = rng.standard_normal((300, 20)).astype(np.float32)
    truth = (features[:, :2] > 0).astype(np.float32)
    classifier = by_hand.Classifier(features[:200], truth[:200])
    assert ((classifier(features[200:]) > 0.5) == truth[200:]).mean() > 0.9
    with pytest.raises(DataError, match="are marked"):
        by_hand.known(["other.png"] * 5, features[:5], 0)


def test_the_marks_are_whole():
    kinds, rows = by_hand.marks()
    assert len(rows) == 1040
    assert {len(row) for row in rows.values()} == {len(kinds)}
    assert {value for row in rows.values() for value in row} == {0, 1}
    glasses, dark = (np.array([row[kinds.index(kind)] for row in rows.values()]) for kind in ("glasses", "sunglasses"))
    assert not (dark > glasses).any()

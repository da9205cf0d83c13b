import numpy as np
import pytest
from PIL import Image as Pillow

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


def test_a_table_says_what_all_faces_but_the_last_show(tmp_path):
    kinds, rows = by_hand.marks()
    names, rng = sorted(rows)[:108], np.random.default_rng(0)
    (tmp_path / "images").mkdir()
    for name in names:
        Pillow.fromarray(rng.integers(0, 256, (128, 128, 3), np.uint8)).save(tmp_path / "images" / name)
    lines = [
        f"{name},{'3-9' if i % 2 else '30-39'},Male,{'Black' if i % 2 else 'White'}" for i, name in enumerate(names)
    ]
    (tmp_path / "labels.csv").write_text("\n".join(["image,age,gender,origin", *lines]))
    found = by_hand.table([tmp_path], 8)
    assert found.kinds == [*kinds, "age", "male"]
    assert np.array_equal(found.shown[:, : len(kinds)], [rows[name] for name in names[:100]])
    assert found.shown[:2, -2:].tolist() == [[0.5, 1.0], [0.125, 1.0]]
    assert found.origins[:2].tolist() == [[1.0], [0.0]]
    assert len(found.images) == len(found.features) == 100

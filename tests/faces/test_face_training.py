"""Aligned faces, the attribute classifier and what it is used for."""

import json

import numpy as np
import pytest
from PIL import Image as Pillow

import imgen
from imgen.cli.entry import main

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.train

from runs import train

from imgen.faces.attributes import COLUMNS
from imgen.faces.training.attributes import contrast, view
from imgen.faces.training.classifier import AttributeClassifier, feature_network
from imgen.faces.training.measures import PAGE, Seen
from imgen.faces.training.perceptual import FaceLoss, FeatureNetwork
from imgen.faces.training.portraits import batch_of, columns, draw, located, portraits
from imgen.training import card
from imgen.training.checkpoint import as_bytes, as_checksum
from imgen.training.data import DataError
from imgen.training.hardware import Hardware, known


def test_the_classifier_trains_and_exports(people, tmp_path):
    settings = ["attributes=2", "batch=8", "last=36", "widths=[16,16,16,16]"]
    assert train("core/attributes", [people], tmp_path / "run", 3, *settings) == 0
    assert main(["export", str(tmp_path / "run"), "--terms", "made up"]) == 0
    made = imgen.model("core/attributes")(image=np.zeros((2, 3, 64, 64), np.float32))
    assert [part.shape for part in made] == [(2, 2), (2, 64)]


def test_colours_of_faces_are_found_at_once(people, tmp_path):
    settings = ["components=8", "side=16", "held_out=4"]
    assert train("core/face-colours", [people], tmp_path / "run", 1, *settings) == 0
    assert main(["export", str(tmp_path / "run"), "--terms", "made up"]) == 0
    change = np.random.default_rng(0).normal(size=(2, 2, 16, 16)).astype(np.float32)
    once = imgen.model("core/face-colours")(change=change)
    assert once.shape == change.shape
    assert np.abs(once).mean() < 0.5 * np.abs(change).mean()  # noise is no face's
    assert train("core/face-colours", [people], tmp_path / "other", 1, "side=24") != 0  # no divisor of 128


@pytest.mark.parametrize("name", ["core/attributes", "core/face-colours"])
def test_its_page_shows_its_card(name):
    found = imgen.model(name).card
    assert card.section(found) in PAGE.read_text(encoding="utf-8"), f"run imgen evaluate {name}"


def test_columns_may_be_turned_around(people):
    table = portraits([people])
    places, signs = located(table.names, {"old": "-Young", "open": "Open"})
    assert places.tolist() == [table.names.index("Young"), table.names.index("Open")]
    assert signs.tolist() == [-1, 1]
    assert columns(table, {"old": "-Young"})[:, 0].tolist() == (1 - table.attributes[:, places[0]]).tolist()
    with pytest.raises(DataError, match="the table has Open, Young"):
        located(table.names, {"hat": "Wearing_Hat"})


def test_what_is_seen_follows_the_sign_of_a_column():
    seen = Seen(["Young", "Male"], np.float32([[0.9, 0.2], [0.1, 0.8]]), np.zeros((2, 64), np.float32), 0.5)
    assert seen.has({"age": "-Young", "gender": "Male"}).tolist() == [[False, False], [True, True]]
    assert seen.has({"gender": "Male"}, np.float32([[0, 0.9]])).tolist() == [[True]]


def test_the_feature_network_is_not_the_one_that_measures():
    own, measuring = feature_network(), imgen.model("core/attributes").settings
    assert not any(p.requires_grad for p in own.parameters())
    assert measuring["first"] == 4500  # the other learned from the faces before
    assert len(FeatureNetwork().widths) == len(FeatureNetwork.strides) == len(own.stages)
    assert len(set(COLUMNS.values())) == len(COLUMNS)


def test_a_checksum_survives_a_checkpoint():
    text = json.dumps(imgen.model("core/faces").checksum)[1:-1]
    assert as_checksum(as_bytes(text)) == text


def test_tables_are_checked(people):
    assert portraits([people]).attributes.shape == (40, 2)
    (people / "attributes.csv").write_text("file,Open\n000.png,1\n")
    with pytest.raises(DataError, match=r"001\.png is not in attributes\.csv"):
        portraits([people])
    Pillow.fromarray(np.zeros((64, 50, 3), np.uint8)).save(people / "images" / "x.png")
    with pytest.raises(DataError, match="aligned faces are square"):
        portraits([people])


def test_mirrored_pictures_are_mirrored():
    images = np.random.default_rng(0).integers(0, 255, (3, 8, 8, 3), np.uint8)
    pair = batch_of(images, np.array([1, ~1]))
    assert torch.equal(pair[0], pair[1].flip(2))
    drawn = draw(np.random.default_rng(0), 200, 2, 5)
    assert set(np.where(drawn >= 0, drawn, ~drawn).tolist()) == {2, 3, 4}
    assert (drawn < 0).mean() == pytest.approx(0.5, abs=0.15)


def test_the_loss_of_a_face_rewards_the_truth():
    image = torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    near, far = (image + amount * torch.randn_like(image) for amount in (0.01, 0.1))
    cost, hardware = FaceLoss(0.5), Hardware(known("cpu"))
    assert cost(hardware, near, image) < cost(hardware, far, image)


def test_views_of_one_face_belong_together():
    vectors = torch.nn.functional.normalize(torch.eye(4).repeat(2, 1), dim=1)
    assert contrast(vectors, 0.1) < 0.01 < contrast(vectors[[0, 1, 2, 3, 1, 2, 3, 0]], 0.1)
    seen = view(torch.rand(4, 3, 64, 64), np.random.default_rng(0))
    assert seen.shape == (4, 3, 64, 64)
    assert 0 <= seen.min() <= seen.max() <= 1
    assert AttributeClassifier(5, (8, 8, 8, 8), residual=True)(seen)[0].shape == (4, 5)

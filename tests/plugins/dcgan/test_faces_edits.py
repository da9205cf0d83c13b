import copy

import numpy as np
import pytest

import imgen

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.train

from imgen.faces.training.asked import Sliders, regions
from imgen.faces.training.judges import Judge
from imgen.faces.training.marks import Classifier, marks
from imgen.training import checkpoint
from imgen.training.data import DataError
from imgen.training.hardware import Hardware, known
from imgen.training.trainer import dice
from imgen_plugins.dcgan.tools.attribute_words import FULL
from imgen_plugins.dcgan.tools.codes import drawn, plain, random_codes
from imgen_plugins.dcgan.training.changes import NAMES, Bases, Sums, check_run, taken
from imgen_plugins.dcgan.training.directions import Sum
from imgen_plugins.dcgan.training.faces_edits import RARE, FacesEdits, FacesEditsSettings, check

KINDS = [*marks()[0], "age", "male"]
COUNT = 12


@pytest.fixture
def settings():
    """As the shipped generator is built."""
    card = imgen.model("dcgan/faces").settings
    names = ("code", "widths", "upsampling", "critic_widths", "norm", "spread", "deep", "crop")
    return FacesEditsSettings(**{name: card[name] for name in names}, batch=4, made=2, count=COUNT, critic_after=1)


@pytest.fixture
def trainer(settings):
    """With noise for faces."""
    rng = np.random.default_rng(0)
    made = FacesEdits(settings)
    made.images = rng.integers(0, 255, (COUNT, 64, 64, 3), np.uint8)
    made.truth = rng.random((COUNT, len(KINDS)), np.float32)
    made.judge = Judge(Classifier(rng.random((COUNT, 6912), np.float32), made.truth))
    made.bases = Bases(random_codes(0, COUNT), made.images, made.truth)
    columns = ["male" if name == "gender" else name for name in NAMES]
    made.asked = made.real = Sliders(list(NAMES), columns, KINDS, made.truth)
    made.rare = [(NAMES.index(name), KINDS.index(name)) for name in RARE]
    made.cost = regions(list(NAMES), 64)
    torch.manual_seed(0)
    made.build()
    return made


def test_the_generator_and_its_changes_learn_together(trainer, tmp_path):
    hardware = Hardware(known("cpu", "32", 1))
    codes = random_codes(3, 2)
    before = trainer.model(torch.from_numpy(codes), torch.zeros(1, 6144)).detach()
    assert before.numpy().transpose(0, 2, 3, 1) == pytest.approx(drawn(plain(codes)), abs=1e-4)
    critic = trainer.networks["critic"].patch[1].weight.detach().clone()
    judging = trainer.model.whole.scoring.weight.detach().clone()
    for step in range(3):
        assert all(torch.as_tensor(v).isfinite() for v in trainer.step(hardware, dice(0, step)).values())
    assert trainer.changes.codes.abs().sum() > 0
    assert trainer.changes.features.abs().sum() > 0
    assert trainer.networks["critic"].patch[1].weight.ne(critic).any()
    assert torch.equal(trainer.model.whole.scoring.weight, judging)  # the shipped critic stays
    after = trainer.model(torch.from_numpy(codes), torch.zeros(1, 6144)).detach()
    assert 0 < (after - before).abs().mean() < 0.2
    about = {"model": trainer.name, "step": 3, "seconds": -1.0, "settings": {}}
    checkpoint.save(tmp_path / checkpoint.CHECKPOINT, trainer.networks, {}, copy.deepcopy(trainer.model), about)
    code, features = taken(tmp_path)
    assert torch.equal(code, trainer.changes.codes.detach())
    assert torch.equal(features, trainer.changes.features.detach())
    with pytest.raises(DataError, match="comes from another run"):
        check_run(tmp_path)
    with pytest.raises(DataError, match="give learned=RUN"):
        check_run(tmp_path / "none")


def test_full_is_the_whole_change():
    codes, features = torch.randn(2, 2, 4), torch.randn(2, 2, 5)
    sums = Sums(Sum(torch.eye(3, 4)), [1, 2], codes, features)
    weights = torch.tensor([[0, FULL, 0], [0, 0, -FULL]])
    normal, code, extra = sums(weights)
    assert torch.equal(normal, weights @ torch.eye(3, 4))
    assert torch.allclose(code, torch.stack([codes[0, 0], codes[1, 1]]), atol=1e-6)
    assert torch.allclose(extra, torch.stack([features[0, 0], features[1, 1]]), atol=1e-6)


def test_another_generator_is_refused(settings):
    check(settings)
    with pytest.raises(DataError, match="--set widths="):
        check(settings.model_copy(update={"widths": (8, 8, 8, 8, 8)}))

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
from imgen_plugins.vae.training.closeup_directions import (
    LIMIT,
    CloseupDirections,
    CloseupDirectionsSettings,
    check_run,
    taken,
)
from imgen_plugins.vae.training.closeup_edits import CloseupEdits, CloseupEditsSettings
from imgen_plugins.vae.training.directions import Combination

KINDS = [*marks()[0], "age", "male"]
FACES = 24


@pytest.fixture
def shown():
    return np.random.default_rng(0).random((FACES, len(KINDS)), np.float32)


def test_the_faces_and_their_sliders_learn_together(shown, tmp_path):
    rng = np.random.default_rng(0)
    settings = CloseupEditsSettings(latent=8, widths=(16, 16, 16, 16), batch=4, held_out=4, features=0, critic_after=1)
    trainer = CloseupEdits(settings)
    trainer.images = rng.integers(0, 255, (FACES, 128, 128, 3), np.uint8)
    trainer.backbone = None
    trainer.asked = Sliders(list(settings.sliders), list(settings.sliders.values()), KINDS, shown)
    trainer.judge = Judge(Classifier(rng.random((FACES, 6912), np.float32), shown))
    trainer.cost, trainer.oval = regions(list(settings.sliders), 128), torch.ones(1, 128, 128)
    torch.manual_seed(0)
    trainer.build()
    hardware = Hardware(known("cpu", "32", 1))
    critic = trainer.networks["critic"].patch[1].weight.detach().clone()
    for step in range(3):
        assert all(torch.as_tensor(v).isfinite() for v in trainer.step(hardware, dice(0, step)).values())
    assert trainer.directions.directions.abs().sum(1).gt(0).any()
    assert trainer.networks["critic"].patch[1].weight.ne(critic).any()
    about = {"model": trainer.name, "step": 3, "seconds": 1.0, "settings": settings.model_dump(mode="json")}
    checkpoint.save(tmp_path / checkpoint.CHECKPOINT, trainer.networks, {}, copy.deepcopy(trainer.model), about)
    rate = trainer.model.rate.argsort(descending=True, stable=True)
    full = dict.fromkeys(settings.sliders, (1.0, 2.0))
    up, down = taken(tmp_path / checkpoint.CHECKPOINT, CloseupDirectionsSettings(full=full, brings={}))
    amounts = torch.zeros(2, len(settings.sliders))
    amounts[:, 0] = torch.tensor([2.5, -2.5])
    wanted = trainer.directions.directions[0][rate].detach()
    assert Combination(up, LIMIT, down)(amounts) == pytest.approx(torch.stack([wanted, -2 * wanted]), abs=1e-6)
    with pytest.raises(DataError, match="comes from another run"):
        check_run(tmp_path / checkpoint.CHECKPOINT, list(settings.sliders))
    with pytest.raises(DataError, match="give learned=RUN"):
        check_run(tmp_path / "none" / checkpoint.CHECKPOINT, list(settings.sliders))


def test_an_export_by_itself_limits_learned_directions():
    trainer = CloseupDirections(CloseupDirectionsSettings(learned="runs/edits"))
    trainer.build()  # all that an export does; it loads no data
    exported = trainer.export(trainer.networks["model"]).network
    assert exported.limit == LIMIT


def test_a_slider_grows_ever_slower_to_its_ends():
    directions = imgen.model("vae/closeup-directions")
    count = len(directions.card["measured"]["sliders"])
    lengths = []
    for amount in (1.0, 2.5, 5.0):
        lengths.append(np.linalg.norm(directions(amounts=np.eye(1, count, dtype=np.float32) * np.float32(amount))))
    assert lengths[0] < lengths[1] < lengths[2] < 1.5 * lengths[1]

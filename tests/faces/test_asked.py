import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.train

from imgen.faces.training.asked import ASKED, Sliders, regions
from imgen.faces.training.judges import Critic, lesson, lied, surprise, word
from imgen.faces.training.marks import marks
from imgen.faces.training.referee import compared, wanting
from imgen.faces.training.views import view

KINDS = [*marks()[0], "age", "male"]


@pytest.fixture
def shown():
    return np.random.default_rng(0).random((24, len(KINDS)), np.float32)


@pytest.fixture
def sliders(shown):
    names = ["smile", "age", "beard", "gender"]
    return Sliders(names, ["smile", "age", "beard", "male"], KINDS, shown)


def test_an_edit_is_a_change_for_its_face_and_another_face_shows_it(sliders, shown):
    asked = sliders.draw(np.random.default_rng(1), 200)
    columns = np.array(sliders.columns)[asked.slider]
    target, now = (part[np.arange(200), columns] for part in (asked.target, shown[asked.faces]))
    assert ((target > now) == asked.more).all()
    there = shown[asked.others, columns]
    clear = asked.slider != sliders.names.index("age")
    assert ((there[clear] > 0.5) == asked.more[clear]).all()
    assert (asked.weight[np.arange(200), columns] == ASKED).all()
    assert asked.weight[asked.slider == 0][:, KINDS.index("teeth")].max() == 0  # a smile may show teeth


def test_most_beards_are_for_men(sliders, shown):
    asked = sliders.draw(np.random.default_rng(1), 400)
    grown = asked.faces[(asked.slider == 2) & asked.more]
    assert (shown[grown, KINDS.index("male")] > 0.5).mean() > 0.7


def test_a_change_costs_least_where_it_belongs():
    smile, glasses = regions(["smile", "glasses"], 128)[:, 0]
    assert smile[100, 64] < 0.3 < smile[20, 64]
    assert glasses[40, 64] < 0.3 < glasses[100, 64]


def test_the_surest_right_answer_surprises_nobody():
    truth = torch.tensor([[0.2, 0.9]])
    assert surprise(torch.logit(truth), truth).abs().max() < 1e-6
    assert (surprise(torch.tensor([[3.0, -3.0]]), truth) > 1).all()


def test_both_sets_are_looked_at_from_the_same_side():
    pictures = torch.rand(4, 3, 128, 128)
    first, second = view(torch.cat([pictures, pictures]), torch.Generator().manual_seed(0), 2).chunk(2)
    assert (first - second).abs().mean() < 0.03  # but for the noise
    assert (first - pictures).abs().mean() > 0.05


def test_a_lie_is_the_opposite_of_one_thing(shown):
    wrong = lied(shown[:2], np.array([3, 0]))
    assert wrong[0, 3] == 1 - shown[0, 3]
    assert (wrong != shown[:2]).sum() == 2


def test_a_critic_learns_who_is_real_and_what_is_said():
    torch.manual_seed(0)
    critic, draw = Critic(2, 64, 8), torch.Generator().manual_seed(0)
    real, made = torch.rand(8, 3, 64, 64) * 0.3, 1 - torch.rand(8, 3, 64, 64) * 0.3
    said = torch.ones(8, 2)
    optimizer = torch.optim.Adam(critic.parameters(), 1e-3, betas=(0.5, 0.9))
    for _ in range(25):
        loss = lesson(critic, (real, said, 1 - said), (made, said), draw)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert word(critic, real, said, draw).mean() > word(critic, made, said, draw).mean()


def test_the_referee_asks_whom_a_change_is_for_and_what_else_changed(shown):
    before = shown.copy()
    before[:, KINDS.index("male")], before[:, KINDS.index("age")] = 1, 0.5
    k = KINDS.index("beard")
    chosen = wanting(before, KINDS, "beard", k, 1)
    assert (before[chosen, k] < 0.4).all()
    after = before[chosen].copy()
    after[:, k] = 0.9
    hits, flipped = compared(before[chosen], after, KINDS, k, 1)
    assert hits.all()
    assert not flipped.any()

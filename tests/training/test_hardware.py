import pytest

from imgen.errors import DeviceError, ParameterError

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.train

from torch import nn

from imgen.training import hardware
from imgen.training.fastest import choose, go_on_with
from imgen.training.hardware import Hardware, Setup, known, update

CPU = Setup("cpu", "32", True, 1)


@pytest.mark.parametrize(("has", "expected"), [(True, "bf16"), (False, "32")])
def test_precision_follows_the_processor(monkeypatch, has, expected):
    monkeypatch.delenv("IMGEN_PRECISION", raising=False)
    monkeypatch.setattr(hardware, "bf16_here", lambda: has)
    assert known("cpu").precision == expected
    assert known("cpu", "32").precision == "32"
    assert known("cpu", "bf16").precision == "bf16"  # slow where it is emulated, but asked for


def test_emulated_bf16_does_not_count_as_bf16(monkeypatch):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx512_f": True, "avx512_bf16": False})
    assert not hardware.bf16_here()


def test_the_environment_may_choose_and_the_command_overrules_it(monkeypatch):
    monkeypatch.setenv("IMGEN_PRECISION", "32")
    assert known("cpu").precision == "32"
    assert known("cpu", "bf16").precision == "bf16"
    monkeypatch.setenv("IMGEN_PRECISION", "fp8")
    with pytest.raises(ParameterError, match="use auto, 32, bf16, 16"):
        known("cpu")


def test_what_is_not_to_be_had_is_explained(monkeypatch):
    with pytest.raises(ParameterError, match="use bf16, 32 or auto"):
        known("cpu", "16")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(DeviceError, match="--device cpu or auto"):
        known("cuda")
    assert known("auto").device == "cpu"


@pytest.mark.parametrize(("precision", "dtype"), [("32", torch.float32), ("bf16", torch.bfloat16)])
def test_networks_compute_in_the_precision_and_weights_stay_float32(precision, dtype):
    setup = Hardware(CPU._replace(precision=precision))
    network = setup.place(nn.Conv2d(3, 4, 3))
    with setup.autocast():
        made = network(setup.place(torch.rand(1, 3, 8, 8)))
    assert made.dtype == dtype
    update(setup, network, torch.optim.SGD(network.parameters(), 0.1), made.float().mean())
    assert network.weight.dtype == torch.float32


@pytest.mark.parametrize("last", [True, False])
def test_pictures_and_their_weights_get_the_memory_format(last):
    setup = Hardware(CPU._replace(channels_last=last))
    layout = torch.channels_last if last else torch.contiguous_format
    assert setup.place(nn.Conv2d(3, 4, 3)).weight.is_contiguous(memory_format=layout)
    assert setup.place(torch.rand(2, 3, 8, 8)).is_contiguous(memory_format=layout)
    assert setup.place(torch.rand(5, 2)).shape == (5, 2)


def test_gradients_are_clipped_and_their_norm_is_told():
    weight = nn.Linear(1, 1, bias=False)
    before = weight.weight.item()
    norm = update(Hardware(CPU), weight, torch.optim.SGD(weight.parameters(), 1.0), 100 * weight.weight.sum(), clip=0.5)
    assert norm == pytest.approx(100)
    assert weight.weight.item() == pytest.approx(before - 0.5, abs=1e-4)


def test_in_float16_a_step_that_overflows_is_left_out():
    setup, network = Hardware(CPU._replace(precision="16")), nn.Linear(2, 1)
    before = network.weight.detach().clone()
    optimizer = torch.optim.SGD(network.parameters(), 0.1)
    assert update(setup, network, optimizer, network.weight.sum() * float("inf")) == 0
    assert torch.equal(network.weight, before)
    assert update(setup, network, optimizer, network.weight.sum()) == pytest.approx(2**0.5)
    assert network.weight.detach() == pytest.approx(before - 0.1 / 2**0.5, abs=1e-3)


class Clock:
    """Seconds a step that are given, in place of measured ones."""

    def __init__(self, monkeypatch, seconds):
        self.asked = []
        monkeypatch.setattr("imgen.training.fastest.seconds_a_step", self.step)
        self.seconds = seconds

    def step(self, trainer, setup):
        self.asked.append(setup)
        return self.seconds(setup)


def tried(monkeypatch, seconds, **asked):
    from imgen.training.budget import Budget

    monkeypatch.setattr("imgen.training.fastest.native", lambda device: ["bf16", "32"])
    clock = Clock(monkeypatch, seconds)
    options = {"precision": "auto", "threads": None, "budget": Budget(minutes=10)} | asked
    first = Setup("cpu", "bf16", True, 4)
    return choose(None, first, options["budget"], options["precision"], options["threads"]), clock.asked


def test_the_fastest_of_all_ways_is_chosen(monkeypatch, capsys):
    best, asked = tried(
        monkeypatch, lambda s: (1 + (s.precision == "bf16") + s.channels_last + abs(s.threads - 2)) / 10
    )
    assert best == Setup("cpu", "32", False, 2)
    assert [s.threads for s in asked] == [4, 4, 4, 4, 2, 1]
    assert "seconds a step: 0.1 float32, contiguous, 2 threads; " in capsys.readouterr().out


def test_what_is_asked_for_is_not_tried(monkeypatch):
    best, asked = tried(monkeypatch, lambda s: 1.0 + s.channels_last, precision="bf16", threads=4)
    assert best == Setup("cpu", "bf16", False, 4)
    assert {(s.precision, s.threads) for s in asked} == {("bf16", 4)}


def test_trying_costs_a_part_of_the_run_at_most(monkeypatch):
    from imgen.training.budget import Budget

    _, asked = tried(monkeypatch, lambda s: 60.0, threads=4)
    assert len(asked) == 1  # a second one would take three minutes of the ten
    best, asked = tried(monkeypatch, lambda s: 1.0, budget=Budget(steps=20))
    assert (best, asked) == (Setup("cpu", "bf16", True, 4), [])


def test_a_run_goes_on_as_it_was_where_that_is_possible(monkeypatch, capsys):
    here, before = Setup("cpu", "32", True, 2), Setup("cpu", "bf16", False, 8)._asdict()
    monkeypatch.setattr("imgen.training.fastest.native", lambda device: ["bf16", "32"])
    assert go_on_with(before, here, "auto") == Setup("cpu", "bf16", False, 2)
    assert go_on_with(before, here, "32") == Setup("cpu", "32", False, 2)
    assert "it goes on with 32" in capsys.readouterr().out
    monkeypatch.setattr("imgen.training.fastest.native", lambda device: ["32"])  # a machine without bf16
    assert go_on_with(before, here, "auto") == Setup("cpu", "32", False, 2)
    assert go_on_with(None, here, "auto") == here

"""Ranks are started, watched and counted."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from imgen.errors import DeviceError, ParameterError

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.train

import rank_work

from imgen.engine.plugins import installed
from imgen.training import launch
from imgen.training.hardware import Setup
from imgen.training.memory import check_weights
from imgen.training.sharing import part_of
from imgen.training.trainer import dice
from imgen_plugins.autoencoder.training import Denoise


def child(rank: int, code: str, tmp_path: Path) -> launch.Child:
    """A process that runs some Python in place of a rank."""
    errors = (tmp_path / f"errors{rank}").open("w+b") if rank else None
    return launch.Child(rank, subprocess.Popen([sys.executable, "-c", code], stderr=errors), errors)


LOSES = f"import sys; print('gone', file=sys.stderr); sys.exit({launch.LOST})"

HANGS = "import time; time.sleep(600)"


@pytest.mark.parametrize(
    ("codes", "expected", "said"),
    [
        (["", ""], 0, ""),
        ([LOSES, "import os; os.kill(os.getpid(), 9)"], 137, "device 2 of 2 was ended by SIGKILL; all were stopped"),
        ([HANGS, "import os; os.kill(os.getpid(), 11)"], 139, "device 2 of 2 was ended by SIGSEGV"),
        ([HANGS, "raise SystemExit('rank 1 has no GPU')"], 1, "rank 1 has no GPU\n"),
        (["raise SystemExit(1)", LOSES], 1, ""),  # rank 0 says itself what is wrong
    ],
)
def test_a_rank_that_fails_ends_the_others_and_is_named(tmp_path, monkeypatch, capsys, codes, expected, said):
    monkeypatch.setattr(launch, "GRACE", 2.0)
    children = [child(rank, code, tmp_path) for rank, code in enumerate(codes)]
    assert launch.watch(children, threading.Event(), 2) == expected
    assert all(one.process.poll() is not None for one in children)
    errors = capsys.readouterr().err
    assert said in errors
    assert "gone" not in errors
    for one in children:
        if one.errors:
            one.errors.close()


def test_ranks_of_several_machines_are_numbered_through(monkeypatch):
    seen = []
    monkeypatch.setattr(launch.subprocess, "Popen", lambda line, **options: seen.append((line, options)))
    tells = {"NODE_RANK": "1", "MASTER_ADDR": "10.0.0.1"}
    place = launch.machine(3, tells)
    assert place == (1, 3, "10.0.0.1", 29500)
    assert launch.machine(3, {"SLURM_NODEID": "2", "MASTER_ADDR": "a", "MASTER_PORT": "7"}) == (2, 3, "a", 7)
    for local in range(2):
        made = launch.start(["train", "x"], local, 2, place, 5.0, cpu=False)
        assert (made.errors is None) == (local == 0)
        if made.errors:
            made.errors.close()
    for local, (line, options) in enumerate(seen):
        assert line[1:] == ["-m", "imgen", "train", "x"]
        env = options["env"]
        assert [env[name] for name in ("RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE")] == [
            str(2 + local), "6", str(local), "2"
        ]  # fmt: skip
        assert (env["MASTER_ADDR"], env["MASTER_PORT"], env[launch.BEGAN]) == ("10.0.0.1", "29500", "5.0")


def test_gpus_are_counted(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 4)
    assert launch.wanted("auto", "auto") == 4
    assert launch.wanted("auto", "cpu") == 1
    assert launch.wanted("9", "cpu") == 9
    with pytest.raises(DeviceError, match="4 GPUs here"):
        launch.wanted("5", "auto")


def test_every_trainer_shares_its_batch_or_says_why_not():
    whole = []
    for kind in installed().trainers()[0]:
        settings = kind.Settings()
        counts = [name for name, power in kind.Settings.grows.items() if power == 1]
        if not counts:
            whole.append(kind.name)
            with pytest.raises(ParameterError, match="--devices 1"):
                part_of(settings, 2)
        elif all(getattr(settings, name) % 2 == 0 for name in counts):
            part = part_of(settings, 2)
            assert all(2 * getattr(part, name) == getattr(settings, name) for name in counts)
        assert part_of(settings, 1) is settings
    assert len(whole) == 7  # directions, mixtures and components, which are found at once
    with pytest.raises(ParameterError, match="batch=2 leaves batch=1 to each of 2 devices"):
        part_of(installed().trainer("vae/digits").Settings(batch=2), 2)


def test_each_rank_draws_its_own_and_rank_0_what_one_device_draws():
    draws = [dice(3, 5, rank).numpy.integers(1 << 40) for rank in (0, 1, 2)]
    assert len(set(draws)) == 3
    assert draws[0] == dice(3, 5).numpy.integers(1 << 40)


def test_ranks_without_a_launcher_stop(monkeypatch):
    from imgen.training.ranks import PARENT, orphaned

    monkeypatch.delenv(PARENT, raising=False)
    assert not orphaned()
    monkeypatch.setenv(PARENT, str(os.getppid()))
    assert not orphaned()
    monkeypatch.setenv(PARENT, "1" if os.getppid() != 1 else "2")
    assert orphaned() == (sys.platform != "win32")


def test_memory_is_shared_by_the_ranks_of_a_machine(monkeypatch):
    setup, trainer = Setup("cpu", "32", True, 1), Denoise(rank_work.SETTINGS)
    weights = check_weights(trainer, setup)
    monkeypatch.setattr("imgen.training.memory.available", lambda setup: 1.5 * weights)
    check_weights(trainer, setup)
    with pytest.raises(ParameterError, match="are free"):
        check_weights(trainer, setup, 2)

"""Two processes on the processor, which speak through gloo, train one model as one process would."""

import json
import multiprocessing
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow
from skimage import data

from imgen.cli.entry import main

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.train

import rank_work
import runs
from safetensors.torch import load_file

from imgen.training import checkpoint, launch
from imgen.training.budget import Budget
from imgen.training.checkpoint import CHECKPOINT
from imgen.training.loop import Loop, TrainingError
from imgen.training.ranks import ALONE, LostError, Ranks
from imgen.training.sharing import part_of
from imgen.training.trainer import dice
from imgen_plugins.autoencoder.training import Denoise, DenoiseSettings

FORKS = multiprocessing.get_context("forkserver")  # torch is imported once for both ranks
FORKS.set_forkserver_preload(["rank_work", "torch._dynamo"])  # the second one by torch's optimizers
SMALL = ["widths=[8,8,8]", "blocks=1", "batch=4", "crop=16"]


@pytest.fixture(scope="module")
def work(tmp_path_factory) -> Path:
    """The folder in which two ranks did what rank_work.py says; the photos are in it."""
    out = tmp_path_factory.mktemp("ranks")
    photos = out / "photos"
    photos.mkdir()
    for i in range(3):
        Pillow.fromarray(np.ascontiguousarray(data.chelsea()[i * 20 :: 2, ::2])).save(photos / f"{i}.png")
    place = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(launch.machine(1).port), "IMGEN_CACHE": str(out / "cache")}
    place |= {"WORLD_SIZE": "2", "LOCAL_WORLD_SIZE": "2", "OMP_NUM_THREADS": "1"}
    ranks = [FORKS.Process(target=rank_work.begin, args=(place, rank, photos, out)) for rank in range(2)]
    for one in ranks:
        one.start()
    for one in ranks:
        one.join(300)
    assert [one.exitcode for one in ranks] == [0, 0]
    return out


def found(work: Path, rank: int) -> dict[str, object]:
    return json.loads((work / f"rank{rank}.json").read_text())


def test_both_ranks_have_the_same_weights(work):
    first, second = (load_file(work / f"rank{rank}.safetensors") for rank in "01")
    assert all(torch.equal(first[key], second[key]) for key in first)
    saved = load_file(work / "whole" / CHECKPOINT)
    assert all(torch.equal(first[key], saved[f"net/model/{key}"]) for key in first)
    assert checkpoint.about(work / "whole" / CHECKPOINT)["devices"] == 2
    assert "2 x " in (work / "whole" / "report.html").read_text()


def test_a_run_of_two_resumes_exactly_whoever_stopped_it(work):
    whole, parts = (load_file(work / run / CHECKPOINT) for run in ("whole", "parts"))
    assert all(torch.equal(whole[key], parts[key]) for key in whole)


class Together(Denoise):
    """Draws on one device what two ranks draw."""

    def batch(self, dice_):
        whole, parts = self.settings, []
        self.settings = part_of(whole, 2)
        for rank in range(2):
            parts.append(super().batch(dice(1, dice_.step, rank)))
        self.settings = whole
        return tuple(torch.cat(both) for both in zip(*parts, strict=True))


def test_two_ranks_at_half_the_batch_do_what_one_does_with_the_same_pictures(work):
    budget = Budget(steps=rank_work.STEPS)
    alone = Loop(
        Together(rank_work.SETTINGS), [work / "photos"], work / "alone", budget, seed=1, precision="32", threads=1
    )
    begun = {key: value.clone() for key, value in alone.trainer.networks["model"].state_dict().items()}
    alone.run()
    two, one = load_file(work / "rank0.safetensors"), alone.trainer.networks["model"].state_dict()
    moved = torch.cat([(one[key] - begun[key]).flatten() for key in one])
    apart = torch.cat([(one[key] - two[key]).flatten() for key in one])
    assert moved.norm() > 1e-3
    assert apart.norm() < 0.02 * moved.norm()  # sums in another order, which Adam enlarges where a gradient is near 0


def test_what_differs_between_ranks_becomes_one(work):
    for rank in range(2):
        seen = found(work, rank)
        assert seen["one"] == [2, 2]  # the mean of 1 and 3
        assert seen["two"] == [2, 2]  # of none and 4
        assert seen["none"] is None
        assert seen["mean"] == [0.5, 0.5]  # of a batch norm
        assert seen["pool"] == [5, 5, 5]
        assert seen["name"] == [0, 0, 0]
        assert seen["weight"] == [rank, rank]  # as its gradients have made it
        assert seen["agreed"] == [0.25, True]
        assert seen["told"] == "rank 0 says ä"
        assert seen["turns"] == (["turn0"] if rank else [])


def test_another_number_of_devices_is_said(work, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("IMGEN_CACHE", str(work / "cache"))
    settings = json.loads(json.dumps(rank_work.SETTINGS.model_dump(mode="json")))
    options = [f"{name}={json.dumps(value)}" for name, value in settings.items()]
    assert runs.train("autoencoder/denoise", work / "photos", work / "parts", 5, *options) == 0
    said = capsys.readouterr().out
    assert "until now 2 devices trained it, now 1 device" in said
    assert "from step 4" in said
    assert checkpoint.about(work / "parts" / CHECKPOINT)["devices"] == 1


@pytest.fixture
def command(work, tmp_path) -> list[str]:
    settings = [part for text in SMALL for part in ("--set", text)]
    places = ["--data", str(work / "photos"), "--out", str(tmp_path / "run")]
    return ["train", "autoencoder/denoise", *places, "--precision", "32", "--no-export", *settings]


def test_a_command_trains_on_two_devices_and_stops_for_ctrl_c(command, tmp_path):
    line = [sys.executable, "-m", "imgen", *command, "--devices", "2", "--minutes", "600"]
    with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = ""
        while "took" not in said:  # the first step
            text = process.stdout.readline()
            assert text, said
            said += text
        process.send_signal(signal.SIGINT)
        out, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    assert "stopped after" in out
    assert checkpoint.about(tmp_path / "run" / CHECKPOINT)["devices"] == 2


def test_torchrun_starts_it_as_well(command, tmp_path):
    line = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "-m", "imgen"]
    done = subprocess.run([*line, *command, "--steps", "2"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("2 steps in") == 1  # rank 0 alone speaks
    assert checkpoint.about(tmp_path / "run" / CHECKPOINT)["devices"] == 2


def test_a_rank_that_its_launcher_watches_leaves_it_to_tell_that_another_is_gone(command, monkeypatch, capsys):
    def lost(*_: object, **__: object) -> None:
        raise LostError("the process of another device is gone")

    monkeypatch.setattr("imgen.training.loop.Loop", lost)
    assert main([*command, "--steps", "2"]) == 1
    assert "is gone" in capsys.readouterr().err
    monkeypatch.setenv(launch.BEGAN, "0")
    assert main([*command, "--steps", "2"]) == launch.LOST
    assert "is gone" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--devices", "0"], "a number, or auto"),
        (["--devices", "3"], "batch=4 cannot be shared by 3 devices; give --set batch=3"),
        (["--nodes", "2"], "NODE_RANK=0..1"),
        (["--devices", "2", "--set", "bach=4"], "bach"),
    ],
)
def test_mistakes_are_explained_before_anything_starts(command, capsys, monkeypatch, more, said):
    monkeypatch.setattr(launch, "start", None)
    assert main([*command, "--steps", "2", *more]) == 1
    assert said in capsys.readouterr().err


def test_a_rank_that_was_told_otherwise_stops(work, tmp_path, monkeypatch):
    monkeypatch.setattr(Ranks, "told", lambda self, text: text.replace("4", "5"))
    with pytest.raises(TrainingError, match="the same command"):
        Loop(Denoise(DenoiseSettings()), [work / "photos"], tmp_path / "run", Budget(steps=4), ranks=ALONE)


ALONE_IN_A_GROUP = """
import os, torch
from imgen.training.ranks import joined

def threads():
    return [open(f"/proc/self/task/{task}/comm").read().strip() for task in os.listdir("/proc/self/task")]

with joined("cpu"):
    weight = torch.nn.Parameter(torch.ones(3))
    weight.sum().backward()
    torch.optim.AdamW([weight]).step()
    assert any("gloo" in name for name in threads())
assert not any("gloo" in name for name in threads()), threads()
"""


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="threads are listed in /proc")
def test_threads_of_a_group_end_with_it():
    """Else they now and then abort the process when it ends, after all its work."""
    told = {"RANK": "0", "WORLD_SIZE": "1", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": "0"}  # any port
    code = [sys.executable, "-c", ALONE_IN_A_GROUP]
    done = subprocess.run(code, env=os.environ | told, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr

"""Signs of life of a run: lines, files in its folder, checkpoints that survive a kill, budgets that are kept."""

import json
import shutil
import subprocess
import sys
import time

import pytest
from PIL import Image as Pillow

import imgen
from imgen.cli.entry import main

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.train

import runs

from imgen.training import checkpoint
from imgen.training.budget import Budget, Progress
from imgen.training.checkpoint import CHECKPOINT
from imgen.training.loop import Loop
from imgen.training.monitor import Monitor
from imgen_plugins.autoencoder.training import Denoise, DenoiseSettings

SMALL = ["widths=[8,8,8]", "blocks=1", "batch=2", "crop=16"]
SETTINGS = DenoiseSettings(widths=(8, 8, 8), blocks=1, batch=2, crop=16)
MODEL = "autoencoder/denoise"


@pytest.fixture
def photos(cat_file):
    folder = cat_file.parent / "photos"
    folder.mkdir()
    shutil.copy(cat_file, folder)
    return folder


def test_a_run_says_what_it_does_and_where_its_results_are(photos, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("imgen.training.signs.EVERY", 0.0)
    run = tmp_path / "run"
    options = [part for text in SMALL for part in ("--set", text)]
    assert main(["train", MODEL, "--data", str(photos), "--out", str(run), "--steps", "4", *options]) == 0
    reading, first, *lines, exported, last = capsys.readouterr().out.splitlines()
    assert reading == f"{MODEL}: reading {photos}"
    assert "float" in first
    assert "step 1 took" in first
    assert "about 3 more" in first
    assert [line.split("  ")[0] for line in lines] == ["step 1", "step 2", "step 3", "step 4"]
    assert all("loss 0." in line and "s a step" in line and " left" in line for line in lines)
    assert f"{run}/export/denoise.onnx" in exported
    assert f"imgen export {run}" in last
    assert f"{run}/report.html" in last
    assert size(run / "sheet.png") == (2 * 16, 3 * 16)
    assert size(run / "curves.png")[0] > 300
    report = (run / "report.html").read_text()
    for part in (MODEL, "4 in 0:", "batch", "Crops in a step", "sheets/0000004.png", "curves.png", "float"):
        assert part in report
    history = [json.loads(line) for line in (run / "figures.jsonl").read_text().splitlines()]
    assert [row["step"] for row in history] == [1, 2, 3, 4]
    assert set(history[0]["figures"]) == {"loss", "gradient"}


def size(path):
    with Pillow.open(path) as picture:
        return picture.size


def test_an_export_takes_what_the_run_exported(photos, tmp_path, capsys):
    run = tmp_path / "run"
    options = [part for text in SMALL for part in ("--set", text)]
    assert main(["train", MODEL, "--data", str(photos), "--out", str(run), "--steps", "1", *options]) == 0
    made = run / "export" / "denoise.onnx"
    before = made.stat().st_mtime_ns
    assert main(["export", str(run), "--terms", "mine", "--name", "autoencoder/mine"]) == 0
    assert made.stat().st_mtime_ns == before
    card = imgen.model("autoencoder/mine").card
    assert (card["name"], card["terms"]) == ("autoencoder/mine", "mine")
    assert "float" in card["training"]["hardware"]
    assert imgen.model("autoencoder/mine").path.read_bytes() == made.read_bytes()
    assert runs.train(MODEL, photos, run, 2, *SMALL, seed=0) == 0  # another step: the export is no longer the run's
    assert main(["export", str(run)]) == 0
    assert made.stat().st_mtime_ns > before


def test_a_kill_loses_what_came_after_the_last_checkpoint_only(photos, tmp_path):
    run = tmp_path / "run"
    options = [part for text in SMALL for part in ("--set", text)]
    command = [sys.executable, "-m", "imgen", "train", MODEL, "--data", str(photos), "--out", str(run)]
    process = subprocess.Popen([*command, "--minutes", "600", *options], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    said = ""
    while "step 1 took" not in said:  # the checkpoint comes with it
        line = process.stdout.readline()
        assert line, said
        said += line
    while not (run / CHECKPOINT).exists():
        assert process.poll() is None
        time.sleep(0.05)
    process.kill()
    process.wait()
    process.stdout.close()
    assert (run / "figures.jsonl").exists()
    stood = checkpoint.about(run / CHECKPOINT)["step"]
    assert stood >= 1
    assert runs.train(MODEL, photos, run, stood + 2, *SMALL, seed=0) == 0
    assert checkpoint.about(run / CHECKPOINT)["step"] == stood + 2
    steps = [json.loads(line)["step"] for line in (run / "figures.jsonl").read_text().splitlines()]
    assert steps == sorted(set(steps))


def test_minutes_count_from_the_commands_start_and_leave_time_for_the_export(photos, tmp_path):
    budget = Budget(minutes=2)  # of which 95 seconds are for training
    loop = Loop(Denoise(SETTINGS), [photos], tmp_path / "run", budget, began=time.monotonic() - 94)
    progress = loop.run()
    assert progress.seconds >= 95
    assert progress.step >= 1
    again = Loop(Denoise(SETTINGS), [photos], tmp_path / "run", budget)
    assert again.run().step == progress.step  # its time is over
    more = Loop(Denoise(SETTINGS), [photos], tmp_path / "run", Budget(minutes=2 * progress.seconds / 60), began=0)
    assert more.run().step >= progress.step


def test_damaged_pictures_are_skipped_and_named(photos, tmp_path, capsys):
    (photos / "holiday.jpg").write_bytes(b"no picture")
    whole = (photos / "cat.png").read_bytes()
    (photos / "half.png").write_bytes(whole[: len(whole) // 2])
    for run in ("first", "second"):  # the second one finds the decoded pictures
        assert runs.train(MODEL, photos, tmp_path / run, 1, *SMALL) == 0
        said = capsys.readouterr().err
        assert said.count("skipped") == 2
        assert "holiday.jpg" in said
        assert "half.png" in said
    assert "holiday.jpg" in (tmp_path / "first" / "report.html").read_text()


def test_a_damaged_picture_takes_its_partner_along(photos, tmp_path, capsys):
    data = tmp_path / "pairs"
    for part in ("image", "mask"):
        (data / part).mkdir(parents=True)
        for name in ("a", "b", "c"):
            shutil.copy(photos / "cat.png", data / part / f"{name}.png")
    (data / "image" / "a.png").write_bytes(b"no picture")
    (data / "mask" / "c.png").write_bytes(b"no picture")
    from imgen.training.data import DataError, Decoding
    from imgen.training.pairs import Pairs

    pairs = Pairs([data], "image", "mask", Decoding("mask"))
    assert [p.name for p in (*pairs.first.paths, *pairs.second.paths)] == ["b.png", "b.png"]
    (data / "image" / "b.png").write_bytes(b"no picture")
    with pytest.raises(DataError, match="can both be read"):
        Pairs([data], "image", "mask", Decoding("mask"))


@pytest.mark.parametrize(
    ("model", "expected"),
    [(MODEL, "DIR...: clean photos"), ("unet/segment", "DIR/mask/NAME.*"), ("dcgan/digits", "MNIST")],
)
def test_a_folder_without_data_is_told_what_belongs_there(tmp_path, capsys, model, expected):
    (tmp_path / "empty").mkdir()
    assert runs.train(model, tmp_path / "empty", tmp_path / "run", 1) == 1
    said = capsys.readouterr().err
    assert str(tmp_path / "empty") in said
    assert f"{model} takes --data" in said
    assert expected in said


def test_a_precision_of_the_environment_is_not_tried_against_others(photos, tmp_path, monkeypatch):
    monkeypatch.setenv("IMGEN_PRECISION", "32")
    monkeypatch.setattr("imgen.training.fastest.native", lambda device: ["bf16", "32"])
    tried = []
    monkeypatch.setattr("imgen.training.fastest.seconds_a_step", lambda trainer, setup: tried.append(setup) or 0.1)
    loop = Loop(Denoise(SETTINGS), [photos], tmp_path / "run", Budget(minutes=10), threads=1)
    loop.monitor.close()
    assert [(s.precision, s.channels_last) for s in tried] == [("32", True), ("32", False)]


def test_a_figure_that_some_steps_have_is_their_mean(tmp_path):
    monitor, progress = Monitor(tmp_path, 0), Progress(step=3)
    for figures in ({"loss": 1.0}, {"loss": torch.tensor(2.0)}, {"loss": 3.0, "variety": 0.5}):
        monitor.add(figures)
    monitor.record(progress)
    monitor.close()
    assert progress.figures == {"loss": 2, "variety": 0.5}


def test_signal_handlers_are_put_back(photos, tmp_path):
    import signal

    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    assert runs.train(MODEL, photos, tmp_path / "run", 1, *SMALL) == 0
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before


def test_a_run_tries_its_export_early_and_keeps_as_much_time_for_it(photos, tmp_path, monkeypatch, capsys):
    now = [0.0]
    monkeypatch.setattr("imgen.training.loop.time.monotonic", lambda: now[0])  # the clock of all modules
    step = Denoise.step

    def slow(self, hardware, dice):
        now[0] += 10
        return step(self, hardware, dice)

    def export():
        torch.rand(5)
        now[0] += 40

    monkeypatch.setattr(Denoise, "step", slow)
    loop = Loop(Denoise(SETTINGS), [photos], tmp_path / "run", Budget(minutes=5), export=export)
    before = torch.get_rng_state()
    loop.run()
    assert "a trial of the export took 40 s" in capsys.readouterr().out
    assert loop.budget.seconds == 300 - 1.5 * 40  # instead of 25
    assert 240 <= loop.progress.seconds <= 250
    assert checkpoint.about(tmp_path / "run" / CHECKPOINT)["finish"] == 60
    assert torch.equal(before, torch.get_rng_state())
    again = Loop(Denoise(SETTINGS), [photos], tmp_path / "run", Budget(minutes=6), export=export, began=now[0])
    assert again.budget.seconds == 300  # it knows
    again.monitor.close()


def test_an_export_that_fails_is_told_while_there_is_time(photos, tmp_path, capsys):
    from imgen.training.rehearsal import tried

    monitor = Monitor(tmp_path / "run", 0)

    def export():
        raise imgen.ImgenError("ONNX Runtime does not agree with PyTorch")

    assert 0 <= tried(export, monitor, 7) < 1
    monitor.close()
    assert "warning at step 7: a trial of the export failed: ONNX Runtime does not agree" in capsys.readouterr().err


def test_a_trial_of_the_export_finds_a_checkpoint_even_after_the_first_step(photos, tmp_path):
    there = []
    loop = Loop(
        Denoise(SETTINGS),
        [photos],
        tmp_path / "run",
        Budget(minutes=2, steps=1),
        began=time.monotonic() - 20,
        export=lambda: there.append((tmp_path / "run" / CHECKPOINT).exists()),
    )
    loop.run()
    assert there == [True]

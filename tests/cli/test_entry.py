import json
import os
import re
import select
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

import imgen
from imgen.cli.entry import main


def test_the_main_job(cat_file, mask_file, tmp_path, capsys):
    out = tmp_path / "out.png"
    steps = ["-s", "denoise:noise=10,detail=0.2", "-s", f"inpaint:mask={mask_file}", "--device", "cpu"]
    assert main(["run", str(cat_file), *steps, "-o", str(out)]) == 0
    assert "ran on CPU" in capsys.readouterr().err
    assert imgen.open(out).pixels.shape == imgen.open(cat_file).pixels.shape
    again = tmp_path / "again.png"
    assert main(["run", str(cat_file), "--pipeline", str(out), "-o", str(again), "-q"]) == 0
    assert again.read_bytes() == out.read_bytes()


def test_many_photos_into_a_folder(cat_file, tmp_path):
    other = tmp_path / "dog.jpg"
    Pillow.open(cat_file).save(other)
    assert main(["run", str(cat_file), str(other), "-s", "crop:width=0.5", "-o", str(tmp_path / "new" / "deep")]) == 0
    assert sorted(p.name for p in (tmp_path / "new" / "deep").iterdir()) == ["cat.png", "dog.jpg"]


def test_one_bad_photo_does_not_stop_the_others(cat_file, tmp_path, capsys):
    bad = tmp_path / "bad.jpg"
    bad.write_text("no picture")
    assert main(["run", str(bad), str(cat_file), "-s", "crop", "-o", str(tmp_path / "out")]) == 1
    assert "bad.jpg is not a picture" in capsys.readouterr().err
    assert (tmp_path / "out" / "cat.png").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["{cat}", "-s", "denoize", "-o", "{out}/o.png"], "did you mean 'denoise'"),
        (["{cat}", "-s", "denoise:noise=99", "-o", "{out}/o.png"], "noise must be a number from 0 to 60"),
        (["{cat}", "-s", "denoise:level=9", "-o", "{out}/o.png"], "no parameter 'level'"),
        (["{cat}", "-s", 'colorize:hints=[[0.3,0.5,"red"]]', "-o", "{out}/o.png"], "hints must be dots of colour"),
        (["{cat}", "-s", "denoise:noise", "-o", "{out}/o.png"], "NAME=VALUE"),
        (["{cat}", "-s", "inpaint", "-o", "{out}/o.png"], "needs a selection"),
        (["{cat}", "-s", "text", "-o", "{out}/o.png"], "text: words is missing; it must be a text"),
        (["{cat}", "-s", "inpaint:mask={out}/no.png", "-o", "{out}/o.png"], "does not exist"),
        (["{cat}", "-o", "{out}/o.png"], "nothing to do"),
        (["{cat}", "-s", "crop", "-o", "{out}/o.txt"], "cannot save"),
        (["{cat}", "-s", "crop", "-o", "{cat}"], "would replace a photo"),
        (["{cat}", "{cat}", "-s", "crop", "-o", "{out}/new"], "would both be saved"),
        (["-s", "crop", "-o", "{out}/o.png"], "needs a photo"),
        (["{cat}", "-s", "crop", "-o", "{cat}/below/o.png"], "cannot make the folder"),
        (["{cat}", "--pipeline", "{out}/no.json", "-o", "{out}/o.png"], "cannot be read"),
        (["{cat}", "-s", "select_rectangle:width=0.5", "-s", "selection_to_alpha", "-o", "{out}/o.jpg"], "flatten"),
    ],
)
def test_mistakes_are_explained_and_nothing_is_written(cat_file, tmp_path, capsys, arguments, message):
    before = cat_file.read_bytes()
    out = tmp_path / "results"
    out.mkdir()
    filled = [a.format(cat=cat_file, out=out) for a in arguments]
    assert main(["run", *filled]) == 1
    assert message in capsys.readouterr().err
    assert list(out.iterdir()) == []
    assert cat_file.read_bytes() == before


def test_a_folder_that_cannot_be_written_to_is_explained(cat_file, capsys):
    assert main(["run", str(cat_file), "-s", "crop", "-o", "/proc/o.png"]) == 1
    assert "choose another output folder" in capsys.readouterr().err


def test_cuda_without_cuda_is_an_error(cat_file, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("imgen.inference.session.cuda_works", lambda: False)
    out = tmp_path / "o.png"
    assert main(["run", str(cat_file), "-s", "denoise:noise=5", "-o", str(out), "--device", "cuda"]) == 1
    assert "imgen[cuda]" in capsys.readouterr().err
    assert not out.exists()


def test_lists(capsys):
    assert main(["tools", "--json"]) == 0
    listed = {t["name"]: t for t in json.loads(capsys.readouterr().out)}
    assert listed["denoise"]["parameters"]["properties"]["detail"]["maximum"] == 1
    for command, word in (("tools", "inpaint"), ("plugins", "autoencoder"), ("models", "autoencoder/denoise")):
        assert main([command]) == 0
        assert word in capsys.readouterr().out
    assert main(["tools", "denoise"]) == 0
    assert "from 0 to 60" in capsys.readouterr().out


def test_doctor_finds_a_damaged_model(capsys):
    assert main(["doctor", "--device", "cpu"]) == 0
    folder = Path(os.environ["IMGEN_MODELS"]) / "autoencoder"
    folder.mkdir(parents=True)
    source = imgen.model("autoencoder/denoise").path
    for suffix in (".onnx", ".json", ".npz"):
        shutil.copy(source.with_suffix(suffix), folder)
    (folder / "denoise.onnx").write_bytes(b"nonsense")
    assert main(["doctor", "--device", "cpu"]) == 1
    assert "is damaged" in capsys.readouterr().out


def test_help_imports_nothing_heavy():
    code = (
        "import sys; from imgen.cli.entry import parser; parser().format_help(); "
        "sys.exit(any(m in sys.modules for m in ('numpy', 'pydantic', 'pluggy', 'PIL')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def big_photo(path: Path, size: tuple[int, int]) -> Path:
    rng = np.random.default_rng(0)
    Pillow.fromarray(rng.integers(0, 256, (size[1] // 8, size[0] // 8, 3), np.uint8)).resize(size).save(
        path, quality=90
    )
    return path


@pytest.mark.skipif(os.name == "nt", reason="signals to one process differ on Windows")
def test_ctrl_c_writes_nothing(tmp_path):
    source, out = big_photo(tmp_path / "big.jpg", (1500, 1000)), tmp_path / "out"
    out.mkdir()
    steps = ["-s", "denoise:noise=10,quality=best"] * 20  # also a fast machine is not done before the signal comes
    command = [sys.executable, "-m", "imgen", "run", str(source), *steps, "-o", str(out / "o.png")]
    ours, theirs = terminal()
    process = subprocess.Popen(command, stderr=theirs)
    os.close(theirs)
    try:
        begun = read(ours, r"denoise +[1-9]\d*%")  # the first tiles are computed
        process.send_signal(signal.SIGINT)
        errors = begun + read(ours, "$.")
        assert process.wait(300) == 130, errors
    finally:
        process.kill()
        process.wait()
        os.close(ours)
    assert "cancelled; nothing was written" in errors
    assert list(out.iterdir()) == []


def terminal() -> tuple[int, int]:
    """Our and the other process's end of a terminal 80 columns wide; only there the progress is shown."""
    import termios

    ours, theirs = os.openpty()
    termios.tcsetwinsize(theirs, (24, 80))
    return ours, theirs


def read(ours: int, pattern: str) -> str:
    """What is written to the terminal, until that comes or the other end is closed."""
    text = b""
    while not re.search(pattern, text.decode(errors="replace")):
        assert select.select([ours], [], [], 300)[0], f"nothing more came after {text!r}"
        try:
            news = os.read(ours, 65536)
        except OSError:  # so Linux says that it is closed
            break
        if not news:
            break
        text += news
    return text.decode(errors="replace")

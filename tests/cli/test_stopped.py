"""Runs that are stopped, and what is never written."""

import os
import shutil
import signal
from pathlib import Path

import pytest
from test_run import CROP, files, here, posix

from imgen.cli.entry import main
from imgen.io.read import decode

__all__ = ["here"]  # fixtures, which are found by their names


@posix
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_batch_that_is_stopped_says_what_was_saved(cat_file, here, capsys, monkeypatch, number, code):
    shutil.copy(cat_file, here / "dog.png")
    before = signal.getsignal(number)

    def opened(data, path):
        if path.name == "dog.png":
            os.kill(os.getpid(), number)
        return decode(data, path)

    monkeypatch.setattr("imgen.batch.worker.decode", opened)
    assert main(["run", "cat.png", "dog.png", *CROP, "-o", "out"]) == code
    said = capsys.readouterr().err
    assert "stopped: 1 saved, 0 failed, 1 not begun or not complete; the same command with --skip-existing goes" in said
    assert "nothing was written after that" in said
    assert files("out") == {"cat.png"}
    assert signal.getsignal(number) == before
    monkeypatch.undo()
    os.chdir(here)
    assert main(["run", "cat.png", "dog.png", *CROP, "-o", "out", "--skip-existing"]) == 0
    assert files("out") == {"cat.png", "dog.png"}


@posix
def test_sigterm_while_a_file_is_written_leaves_no_part(cat_file, here, monkeypatch):

    def terminated(photo, values, path, *more):
        path.write_bytes(b"half")
        os.kill(os.getpid(), signal.SIGTERM)

    from imgen.io import write

    monkeypatch.setitem(write.ENCODERS, "PNG", terminated)
    assert main(["run", "cat.png", *CROP, "-o", "out/"]) == 143
    assert files("out") == set()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-o", "r.png", "--save-pipeline", "cat.png"], "cat.png would replace a photo that is read"),
        (["-o", "r.png", "--save-pipeline", "r.png"], "r.png would replace the result"),
        (["-s", "blur:mask=hole.png", "-o", "hole.png"], "hole.png would replace a picture of the step blur"),
        (["-s", "blur:mask=hole.png", "-o", "r.png", "--save-pipeline", "hole.png"], "give another --save-pipeline"),
        (["--pipeline", "made.png", "-o", "made.png"], "made.png would replace the recipe"),
        (["--pipeline", "edit.json", "-o", "r.png", "--save-pipeline", "edit.json"], "would replace the recipe"),
        (["-o", "link.png"], "link.png would replace a photo that is read (cat.png)"),
        (["-o", "hard.png"], "hard.png would replace a photo that is read (cat.png)"),
        (["-o", "."], "cat.png would replace a photo"),
        (["--pipeline", "masked.json", "-o", "hole.png"], "would replace a picture of the step blur"),
    ],
)
@posix
def test_what_is_read_is_never_written(cat_file, mask_file, here, capsys, arguments, message):
    assert main(["run", "cat.png", *CROP, "-o", "made.png", "--save-pipeline", "edit.json", "-q"]) == 0
    Path("masked.json").write_text('{"imgen": 1, "steps": [{"tool": "blur", "parameters": {"mask": "hole.png"}}]}')
    Path("link.png").symlink_to("cat.png")
    os.link("cat.png", "hard.png")
    before = {name: Path(name).read_bytes() for name in files(".")}
    assert main(["run", "cat.png", *CROP, *arguments, "--overwrite"]) == 1
    assert message in capsys.readouterr().err
    assert {name: Path(name).read_bytes() for name in files(".")} == before

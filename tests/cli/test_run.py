"""imgen run, as one who has read no manual would use it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

import imgen
from imgen.cli.entry import main
from imgen.io.read import decode

CROP = ["-s", "crop:width=0.5"]
posix = pytest.mark.skipif(os.name == "nt", reason="Windows has other signals and no named pipes")


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch) -> Path:
    """Commands run in a folder of their own."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def files(folder: str) -> set[str]:
    return {str(path.relative_to(folder)) for path in Path(folder).rglob("*") if path.is_file()}


def test_odd_files_are_errors_of_their_own(cat_file, here, capsys):
    (here / "in" / "sub").mkdir(parents=True)
    for name in ("a.jfif", "b.JPE", "c.TIF", "d"):
        Pillow.open(cat_file).save(here / "in" / name, {".TIF": "TIFF", "": "PNG"}.get(Path(name).suffix, "JPEG"))
    shutil.copy(here / "in" / "a.jfif", here / "in" / "e.heic")
    (here / "in" / "Thumbs.db").write_text("junk")
    (here / "in" / "empty.jpg").touch()
    names = sorted(str(path) for path in Path("in").iterdir())
    assert main(["run", *names, *CROP, "-o", "out"]) == 1
    assert files("out") == {"a.jfif", "b.JPE", "c.TIF", "d.png", "e.jpg"}
    assert imgen.open("out/e.jpg").width == 113
    said = capsys.readouterr().err
    for line in (
        "imgen: in/Thumbs.db is not a picture",
        "imgen: in/empty.jpg is empty",
        "imgen: there are no pictures in in/sub",
        "in/e.heic: saved as e.jpg: imgen writes no .heic files",
        "in/d: saved as d.png: the photo's name doesn't say",
    ):
        assert f"\n{line}" in f"\n{said}"
    assert said.endswith("5 saved, 3 failed\n")


def test_what_a_format_cannot_hold_names_the_result(cat, capsys):
    clear = np.dstack([cat, np.full(cat.shape[:2], 9, np.uint8)])
    Pillow.fromarray(clear).save("clear.png")
    assert main(["run", "clear.png", *CROP, "-o", "solid.jpg"]) == 1
    assert "imgen: solid.jpg: JPEG has no transparency" in capsys.readouterr().err
    assert main(["run", "clear.png", "-s", "upscale:factor=4", "-o", "out.png", "--quality", "60"]) == 0
    assert imgen.open("out.png").width == 4 * cat.shape[1]


def test_a_folder_means_its_pictures(cat_file, here):
    for name in ("in/a.png", "in/sub/b.png"):
        (here / name).parent.mkdir(exist_ok=True)
        shutil.copy(cat_file, here / name)
    assert main(["run", "in", *CROP, "-o", "out.d/"]) == 0
    assert files("out.d") == {"a.png"}
    assert main(["run", "-r", "in", *CROP, "-o", "deep", "--format", "jpg"]) == 0
    assert files("deep") == {"a.jpg", "sub/b.jpg"}


def test_photos_and_options_in_any_order(cat_file, here):
    shutil.copy(cat_file, here / "-odd.png")
    assert main(["run", *CROP, "cat.png", "-o", "out/", "-q", "--", "-odd.png"]) == 0
    assert files("out") == {"cat.png", "-odd.png"}


def test_a_photo_that_reads_like_an_option_is_told(cat_file, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["run", "-odd.png", "cat.png", *CROP, "-o", "out/"])
    assert "photos that begin with - go behind --" in capsys.readouterr().err


def test_a_name_with_commas_and_brackets(cat_file, mask_file, here):
    shutil.copy(mask_file, here / "a, b [1].png")
    assert main(["run", "cat.png", "-s", 'blur:radius=9,mask="a, b [1].png"', "-o", "out.png"]) == 0
    assert main(["run", "cat.png", "-s", "blur:radius=9,mask=hole.png", "-o", "same.png"]) == 0
    assert Path("out.png").read_bytes() == Path("same.png").read_bytes()


@posix
def test_standard_input_and_output_through_python_m_imgen(cat_file, here):
    command = [sys.executable, "-m", "imgen", "run", "-", *CROP, "-o", "-"]
    for more, form in (([], "PNG"), (["--format", "jpg"], "JPEG")):
        with cat_file.open("rb") as file:
            done = subprocess.run([*command, *more], stdin=file, capture_output=True, check=True)
        (here / "out").write_bytes(done.stdout)
        with Pillow.open(here / "out") as result:
            assert (result.format, result.width) == (form, 113)
    assert b"wrote JPG to standard output" in done.stderr


@posix
def test_pipes(cat_file, mask_file, here):
    for name in ("photo", "mask", "out"):
        os.mkfifo(name)
    copies = [
        subprocess.Popen(f"cat {a} > {b}", shell=True)
        for a, b in ((cat_file, "photo"), (mask_file, "mask"), ("out", "out.png"))
    ]
    assert main(["run", "photo", "-s", "blur:radius=9,mask=mask", "-o", "out"]) == 0
    assert [copy.wait(60) for copy in copies] == [0, 0, 0]
    assert main(["run", "cat.png", "-s", "blur:radius=9,mask=hole.png", "-o", "same.png"]) == 0
    assert Path("out.png").read_bytes() == Path("same.png").read_bytes()


def test_results_that_are_there_are_kept_replaced_or_left(cat_file, here, capsys):
    shutil.copy(cat_file, here / "dog.png")
    Path("out").mkdir()
    Path("out/cat.png").write_text("old")
    command = ["run", "cat.png", "dog.png", *CROP, "-o", "out", "--save-pipeline"]
    assert main([*command, "a.json"]) == 1
    assert "--overwrite replaces it, --skip-existing leaves it" in capsys.readouterr().err
    assert files("out") == {"cat.png", "dog.png"}
    assert main([*command, "b.json", "--skip-existing"]) == 0
    assert "0 saved, 2 there already" in capsys.readouterr().err
    assert Path("out/cat.png").read_text() == "old"
    Path("c.json").write_text("old")
    assert main([*command, "c.json"]) == 1
    assert "c.json is there already" in capsys.readouterr().err
    assert main([*command, "c.json", "--overwrite"]) == 0
    assert imgen.open("out/cat.png").width == 113
    assert imgen.Pipeline.load("c.json").steps[0].tool == "crop"


def test_each_result_is_told_at_once(cat_file, here, capsys, monkeypatch):
    said = []
    for name in ("dog.png", "owl.png"):
        shutil.copy(cat_file, here / name)

    def opened(data, path):
        said.append(capsys.readouterr().err)
        return decode(data, path)

    monkeypatch.setattr("imgen.batch.worker.decode", opened)
    assert main(["run", "cat.png", "dog.png", "owl.png", *CROP, "-o", "out"]) == 0
    assert said == ["", f"saved {Path('out/cat.png')}\n", f"saved {Path('out/dog.png')}\n"]


@posix
def test_standard_streams_of_files_that_are_read(cat_file, here):
    before = cat_file.read_bytes()
    start = [sys.executable, "-m", "imgen", "run"]
    with cat_file.open("rb") as file:
        done = subprocess.run(
            [*start, "-", *CROP, "-o", "cat.png", "--overwrite"],
            stdin=file,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert "cat.png would replace standard input" in done.stderr
    with cat_file.open("ab") as file:
        assert subprocess.run([*start, "cat.png", *CROP, "-o", "-"], stdout=file, check=False).returncode == 1
    assert cat_file.read_bytes() == before


def test_a_recipe_may_go_to_standard_output(cat_file, capsys):
    assert main(["run", "cat.png", *CROP, "-o", "out.png", "--save-pipeline", "-"]) == 0
    assert imgen.Pipeline.from_json(capsys.readouterr().out).steps[0].tool == "crop"
    assert main(["run", "cat.png", *CROP, "-o", "-", "--save-pipeline", "-"]) == 1
    assert "cannot both go to standard output" in capsys.readouterr().err


def test_completion(capsys):
    with pytest.raises(SystemExit, match="0"):
        main(["--print-completion", "bash"])
    script = capsys.readouterr().out
    assert "--skip-existing" in script
    bash = shutil.which("bash")
    if bash:
        ask = "COMP_WORDS=(imgen run --over); COMP_CWORD=2; _shtab_imgen; echo ${COMPREPLY[@]}"
        done = subprocess.run([bash, "--norc", "-c", script + ask], capture_output=True, text=True, check=True)
        assert done.stdout == "--overwrite\n"
    with pytest.raises(SystemExit, match="2"):
        main(["--print-completion", "edlin"])
    assert "choose from bash, zsh" in capsys.readouterr().err
    assert main(["tools", "--names"]) == 0
    assert "denoise" in capsys.readouterr().out.split("\n")


def test_debug_shows_the_traceback_and_verbose_what_is_done(tmp_path, monkeypatch, capsys, caplog):
    from imgen.engine.plugins import installed

    def broken(image, **more):
        raise ValueError("odd")

    monkeypatch.chdir(tmp_path)
    Pillow.new("RGB", (8, 8)).save("a.png")
    assert main(["run", "a.png", "-s", "blur:radius=1", "-o", "b.png", "-v"]) == 0
    assert "blur took" in capsys.readouterr().err
    monkeypatch.setitem(vars(installed().tools["blur"]), "function", broken)
    assert main(["run", "a.png", "-s", "blur:radius=1", "-o", "c.png"]) == 1
    told = capsys.readouterr().err
    assert "failed: ValueError('odd') at" in told
    assert "Traceback" not in told
    assert main(["run", "a.png", "-s", "blur:radius=1", "-o", "c.png", "--debug"]) == 1
    assert "Traceback" in capsys.readouterr().err

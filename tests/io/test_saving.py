"""Saving: whole files, their permissions, and nothing that was read."""

import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

import imgen
from imgen.errors import PhotoError, PipelineError
from imgen.io import saving
from imgen.io.overlap import check_overlap
from imgen.io.saving import replacing


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture(params=["unnamed", "named", "copied"])
def way(request, monkeypatch):
    """All ways to make an unfinished file: without a name, where the system can, or copied from there; with a name."""

    def no_link(*_: object, **__: object) -> None:
        raise OSError(95, "Operation not supported")

    if request.param == "named":
        monkeypatch.setattr(saving, "unnamed", lambda folder: None)
    if request.param == "copied":
        monkeypatch.setattr(os, "link", no_link)
    return request.param


def test_a_file_appears_whole_or_not_at_all(tmp_path, way):
    target = tmp_path / "out.txt"
    with replacing(target) as part:
        part.write_text("new")
        assert not target.exists()
    assert target.read_text() == "new"
    with pytest.raises(ZeroDivisionError), replacing(target) as part:
        part.write_text(f"half{1 / 0}")
    assert target.read_text() == "new"
    assert [p.name for p in tmp_path.iterdir()] == ["out.txt"]


@pytest.mark.parametrize("suffix", ["png", "jpg", "tif", "webp", "gif"])
def test_every_format_is_written_either_way(photo, tmp_path, way, suffix):
    photo = photo.replace(exif=b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0")
    path = photo.save(tmp_path / f"out.{suffix}")
    assert [p.name for p in tmp_path.iterdir()] == [path.name]
    if suffix != "gif":
        assert imgen.open(path).width == photo.width


def test_a_new_file_has_the_usual_permissions_and_an_old_one_keeps_its_own(photo, tmp_path, way):
    path = photo.save(tmp_path / "out.png")
    assert mode(path) == 0o666 & ~saving.UMASK
    path.chmod(0o640)
    photo.save(path)
    assert mode(path) == 0o640


def test_the_umask_of_the_process_is_never_touched(photo, tmp_path, monkeypatch):
    monkeypatch.setattr(os, "umask", lambda mask: pytest.fail("other threads would make files with this umask"))
    photo.save(tmp_path / "out.png")
    imgen.Pipeline().add("crop").save(tmp_path / "out.json")


@pytest.mark.parametrize("name", ["out.png", "out.json"])
def test_a_read_only_file_stays_as_it_is(photo, tmp_path, name):
    path = tmp_path / name
    path.write_bytes(b"mine")
    path.chmod(0o444)
    with pytest.raises(imgen.ImgenError, match="read-only"):
        (photo if name == "out.png" else imgen.Pipeline().add("crop")).save(path)
    assert path.read_bytes() == b"mine"
    assert mode(path) == 0o444


def test_links_are_followed_to_files_and_never_to_nowhere(photo, tmp_path):
    target, link = tmp_path / "real.png", tmp_path / "link.png"
    link.symlink_to(target)
    with pytest.raises(PhotoError, match="does not exist; remove the link"):
        photo.save(link)
    assert not target.exists()
    photo.save(target)
    target.chmod(0o640)
    photo.save(link)
    assert link.is_symlink()
    assert mode(target) == 0o640
    loop = tmp_path / "loop.png"
    loop.symlink_to(loop)
    with pytest.raises(PhotoError):
        photo.save(loop)


def test_what_is_no_file_is_not_replaced(photo, tmp_path):
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(PhotoError, match="is a folder"):
        photo.save(tmp_path / "folder.png")
    os.mkfifo(tmp_path / "pipe.png")
    with pytest.raises(PhotoError, match="not a regular file"):
        photo.save(tmp_path / "pipe.png")
    ends = os.pipe()
    with pytest.raises(PipelineError, match="not a regular file"):
        imgen.Pipeline().add("crop").save(f"/proc/self/fd/{ends[1]}")  # as /dev/stdout often is
    for end in ends:
        os.close(end)
    with pytest.raises(PhotoError, match="cannot write to"):
        photo.save(tmp_path / "missing" / "out.png")


def test_reads_and_writes_may_not_overlap(tmp_path):
    a, b = tmp_path / "a.png", tmp_path / "b.png"
    a.write_bytes(b"a")
    (tmp_path / "link.png").symlink_to(a)
    os.link(a, tmp_path / "hard.png")
    check_overlap([a], [b, tmp_path / "c.png"])
    for other in (a, tmp_path / "link.png", tmp_path / "hard.png", tmp_path / "x" / ".." / "a.png"):
        with pytest.raises(PhotoError, match="is read"):
            check_overlap([a], [b, other])
    for other in (b, tmp_path / "B.PNG", tmp_path / "." / "b.png"):
        with pytest.raises(PipelineError, match="two results"):
            check_overlap([a], [b, other], PipelineError)
    check_overlap([tmp_path / "not there.png"], [a, b])


def test_a_photo_is_not_saved_over_what_it_was_made_from(cat_file, mask_file, tmp_path):
    recipe = imgen.Pipeline().add("inpaint", mask=str(mask_file)).save(tmp_path / "edit.json")
    recipe.rename(tmp_path / "edit.png")  # whatever its name
    edit = imgen.Pipeline().add("load_selection", file=mask_file)
    result = edit(imgen.open(cat_file))
    again = imgen.Pipeline.load(tmp_path / "edit.png")(result)
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    for path in (cat_file, mask_file, tmp_path / "edit.png"):
        with pytest.raises(PhotoError, match="overwrite=True"):
            again.save(path)
    with pytest.raises(PipelineError, match="is read"):
        edit.save(mask_file)
    with pytest.raises(PhotoError, match="overwrite=True"):
        imgen.open(cat_file).save(cat_file)
    assert before == {path: path.read_bytes() for path in tmp_path.iterdir()}
    again.save(cat_file, overwrite=True)
    assert cat_file.read_bytes() != before[cat_file]


def test_a_created_picture_does_not_replace_the_photo_before_it(cat_file):
    made = imgen.Pipeline().add("draw_digit")(imgen.open(cat_file))
    with pytest.raises(PhotoError, match="is read"):
        made.save(cat_file)


@pytest.mark.skipif(not hasattr(os, "O_TMPFILE"), reason="only Linux has files without a name")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_killed_process_leaves_no_part(tmp_path, number):
    code = (
        "import sys, time; from pathlib import Path; from imgen.io.saving import replacing\n"
        "with replacing(Path(sys.argv[1])) as part:\n"
        "    part.write_bytes(b'half'); print('ready', flush=True); time.sleep(60)"
    )
    process = subprocess.Popen([sys.executable, "-c", code, tmp_path / "out.png"], stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    process.send_signal(number)
    process.wait(10)
    process.stdout.close()
    assert list(tmp_path.iterdir()) == []


def test_old_parts_of_dead_processes_are_swept_and_no_others(photo, tmp_path):
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        pass
    names = {
        "dead": f".imgen-{process.pid}-00ff",
        "fresh": f".imgen-{process.pid}-00aa",
        "alive": f".imgen-{os.getpid()}-00ff",
        "mine": ".imgen-notes.txt",
    }
    old = time.time() - 2 * saving.STALE
    for key, name in names.items():
        (tmp_path / name).write_bytes(b"x")
        if key != "fresh":
            os.utime(tmp_path / name, (old, old))
    photo.save(tmp_path / "out.png")
    assert {p.name for p in tmp_path.iterdir()} == {"out.png", names["fresh"], names["alive"], names["mine"]}

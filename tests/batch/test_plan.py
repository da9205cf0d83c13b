import shutil
from pathlib import Path

import pytest

from imgen.batch.plan import expanded, is_one_file, plan, sources
from imgen.errors import PhotoError
from imgen.io.streams import Spool


@pytest.fixture
def inside(cat_file, tmp_path, monkeypatch) -> Path:
    """A folder `in` with a photo, junk, a hidden photo and folders, in the working folder."""
    monkeypatch.chdir(tmp_path)
    for name in ("b.png", "a.JPE", ".hidden.png", "sub/c.png", "sub/deeper/d.png", "empty/notes.txt", "plain"):
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if name.endswith("txt"):
            path.write_text("no picture")
        else:
            shutil.copy(cat_file, path)
    return tmp_path / "in"


def planned(*names: str, output: str = "out", recursive: bool = False, suffix: str = "") -> dict[str, str]:
    """Where the result of each photo goes, or what is wrong with it."""
    with Spool() as spool:
        found = sources(expanded(names), spool, recursive=recursive, output=output)
        jobs = plan(found, output, one=is_one_file(names), suffix=suffix)
    return {job.name: job.problem or str(job.output) for job in jobs}


def test_a_folder_stands_for_its_pictures(inside):
    assert planned("in") == {"in/a.JPE": "out/a.JPE", "in/b.png": "out/b.png", "in/plain": "out/plain.png"}


def test_recursive_keeps_the_structure(inside):
    deep = {"in/sub/c.png": "out/sub/c.png", "in/sub/deeper/d.png": "out/sub/deeper/d.png"}
    assert planned("in", recursive=True) == planned("in") | deep
    # a folder among other photos goes into one of its name: `in/*` and `in -r` do the same
    star = expanded(["in/*"])
    assert star == ["in/a.JPE", "in/b.png", "in/empty", "in/plain", "in/sub"]
    assert planned(*star, recursive=True) == planned("in", recursive=True) | {
        "in/empty": "there are no pictures in in/empty"
    }


def test_results_are_not_read_again(inside):
    shutil.copytree(inside / "sub", inside / "out")
    without = planned("in", recursive=True)
    assert planned("in", recursive=True, output="in/out").keys() == without.keys() - {
        name for name in without if name.startswith("in/out")
    }
    assert not any(name.startswith("in/out") for name in planned("in/a.JPE", "in/out", output="in/out"))


def test_a_folder_without_pictures_is_a_problem_of_its_own(inside):
    assert planned("in/empty", "in/b.png") == {
        "in/empty": "there are no pictures in in/empty; -r takes those in its folders, too",
        "in/b.png": "out/b.png",
    }
    for suffix in ("", ".jpg"):
        for recursive, hint in ((False, "; -r takes those in its folders, too"), (True, "")):
            assert planned("in/empty", recursive=recursive, suffix=suffix) == {
                "in/empty": f"there are no pictures in in/empty{hint}"
            }


@pytest.mark.parametrize(
    ("names", "output"), [(("in/*.jpgg",), "out/"), (("in/*.jpgg",), "a.jpg"), (("in/*.jpgg", "in/b.png"), "out")]
)
def test_wildcards_that_match_nothing_say_so(inside, names, output):
    assert planned(*names, output=output)["in/*.jpgg"] == "no picture matches in/*.jpgg"


def test_names_that_would_meet_are_kept_apart(inside):
    for name in ("IMG.jpg", "IMG.heic"):
        shutil.copy(inside / "b.png", inside / name)
    assert planned("in/IMG.heic", "in/IMG.jpg") == {"in/IMG.heic": "out/IMG.png", "in/IMG.jpg": "out/IMG.jpg"}
    assert planned("in/IMG.heic", "in/IMG.jpg", "in/b.png", suffix=".png") == {
        "in/IMG.heic": "out/IMG.png",
        "in/IMG.jpg": "out/IMG.jpg.png",
        "in/b.png": "out/b.png",
    }
    with pytest.raises(PhotoError, match="would both be saved as out"):
        planned("in/b.png", "in/sub/../b.png")


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("out", "out/b.png"),
        ("out.d/", "out.d/b.png"),
        ("my.photos", "my.photos/b.png"),  # is there
        ("new/x.JPG", "new/x.JPG"),
        ("x.heic", "x.jpg"),
        ("x.bmp", "x.png"),
    ],
)
def test_where_one_photo_goes(inside, output, expected):
    Path("my.photos").mkdir()
    assert planned("in/b.png", output=output) == {"in/b.png": expected}


@pytest.mark.parametrize(
    ("names", "output", "suffix", "message"),
    [
        (["in/b.png"], "new.photos", "", "cannot save .photos.*new.photos/"),
        (["in/b.png"], "x.jpg", ".png", "not the name of a PNG file"),
        (["in/b.png", "in/a.JPE"], "x.png", "", "x.png is the name of one file; give a folder"),
        (["in/b.png", "in/a.JPE"], "-", "", "2 photos cannot all be written to standard output"),
        ([], "out/", "", "name the picture, such as out/picture.png"),
        ([], "out", "", "cannot save without a suffix"),
        (["in/b.png"], "", "", "-o is empty"),
        ([""], "out", "", "name is empty"),
    ],
)
def test_outputs_that_do_not_fit(inside, names, output, suffix, message):
    with pytest.raises(PhotoError, match=message):
        planned(*names, output=output, suffix=suffix)

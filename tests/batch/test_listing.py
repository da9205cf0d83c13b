"""Which photos a job has, and what its results are called."""

import tracemalloc
from functools import partial
from pathlib import Path

import pytest
from batchkit import make_photos

import imgen
from imgen.batch import Options, run
from imgen.batch.listing import found_in, is_many
from imgen.batch.manifest import Entry, Listing, Share
from imgen.batch.tables import Columns
from imgen.batch.trial import trial
from imgen.errors import ParameterError, PhotoError


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for folder in ("in", "in/a", "in/a/b"):
        make_photos(tmp_path / folder, 2)
    (tmp_path / "in" / "notes.txt").write_text("no picture")
    (tmp_path / "in" / ".hidden.png").touch()
    return tmp_path


def planned(*inputs: str, recursive: bool = False, output: str = "out", suffix: str = "") -> dict[str, str]:
    """The result's name of each photo, or what is wrong with it."""
    with Listing(found_in(inputs, recursive=recursive, output=output), suffix, Path()) as listing:
        return {entry.source: entry.problem or entry.result for entry in listing.entries(Share())}


def test_folders():
    assert planned("in") == {"in/p000.png": "p000.png", "in/p001.png": "p001.png"}
    deep = planned("in", recursive=True)
    assert deep["in/a/b/p001.png"] == "a/b/p001.png"
    assert len(deep) == 6
    assert planned("in/a", "in/a/b")["in/a/b/p000.png"] == "b/p000.png"
    assert list(planned("in", recursive=True, output="in/a")) == ["in/p000.png", "in/p001.png"]
    Path("empty").mkdir()
    assert planned("empty") == {"empty": "there are no pictures in empty; -r takes those in its folders, too"}


def test_wildcards_keep_what_is_below_the_first_one():
    found = planned("in/**/*.png")
    assert found["in/a/b/p000.png"] == "a/b/p000.png"
    assert len(found) == 6
    assert planned("in/a/*1.png") == {"in/a/p001.png": "p001.png"}
    assert planned("in/*.jpg") == {"in/*.jpg": "no picture matches in/*.jpg"}


def test_lists_are_relative_to_here_or_to_their_own_folder(place):
    Path("in/list.txt").write_text("a/p000.png\n\na/b/../p001.png\n")
    assert planned("in/list.txt") == {"in/a/p000.png": "a/p000.png", "in/a/b/../p001.png": "a/b/p001.png"}
    Path("list.txt").write_bytes(b"\xef\xbb\xbfin/a/p000.png\r\n" + str(place / "in/p000.png").encode())
    found = planned("list.txt")
    assert found["in/a/p000.png"] == "in/a/p000.png"
    assert found[str(place / "in/p000.png")] == str(place / "in/p000.png").lstrip("/")
    with pytest.raises(PhotoError, match=r"the list none\.txt cannot be read"):
        planned("none.txt")


def test_a_missing_photo_is_planned_and_named_when_it_is_its_turn():
    Path("list.txt").write_text("in/p000.png\nin/gone.jpg\n")
    assert planned("list.txt") == {"in/p000.png": "in/p000.png", "in/gone.jpg": "in/gone.jpg"}


def test_names_that_would_meet_are_kept_apart_in_any_order():
    for name in ("IMG.jpg", "IMG.bmp", "IMG.tga"):
        Path("in/p000.png").rename(f"in/{name}") if name == "IMG.jpg" else Path(f"in/{name}").write_bytes(b"BM")
    expected = {"in/IMG.jpg": "IMG.jpg", "in/IMG.bmp": "IMG.bmp.png", "in/IMG.tga": "IMG.tga.png"}
    names = [*expected]
    assert planned(*names) == planned(*reversed(names)) == expected
    assert planned("in/IMG.jpg", suffix=".png") == {"in/IMG.jpg": "IMG.png"}
    with pytest.raises(PhotoError, match="would both be saved as p000"):
        planned("in/a/p000.png", "in/a/b/p000.png")


def test_what_only_a_job_takes():
    assert all(map(is_many, ("s3://b/a.png", "in/**/*.jpg", "list.TXT", "t.csv", "t.parquet")))
    assert not any(map(is_many, ("a.png", "in", "in/*.jpg", "C:\\a.png")))


def test_a_table_has_parameters_of_each_photo():
    Path("table.csv").write_text(
        'photo,result,note,width,2.amount\nin/p000.png,x/first.png,hello,0.5,\nin/p001.png,,,,"0.5"\n'
    )
    Path("slip.csv").write_text("photo,2.amounts\nin/p000.png,0.5\n")
    found = list(found_in(["table.csv"]))
    assert [one.below for one in found] == ["x/first.png", "in/p001.png"]
    columns = Columns(imgen.Pipeline().add("crop", height=0.5).add("saturation", amount=0.2))
    first, second = (columns.pipeline(one.parameters).steps for one in found)
    assert [dict(step.parameters) for step in first] == [{"height": 0.5, "width": 0.5}, {"amount": 0.2}]
    assert [dict(step.parameters) for step in second] == [{"height": 0.5}, {"amount": 0.5}]
    assert columns.unused == {"note"}
    with pytest.raises(ParameterError, match="saturation has no parameter 'size'; there are: amount"):
        columns.pipeline({"saturation.size": "2"})
    for check in (run, partial(trial, options=Options())):
        with pytest.raises(
            ParameterError, match=r"the column 2\.amounts: 2 has no parameter 'amounts'; did you mean 'am"
        ):
            check(imgen.Pipeline().add("crop").add("saturation"), ["slip.csv"], "out")
    Path("same.csv").write_text("photo,result\nin/p000.png,a.png\nin/p001.png,a.png\n")
    with pytest.raises(
        PhotoError, match=r"saved as a\.png; rename one, or give each row of a table a result of its own"
    ):
        planned("same.csv")
    twice = Columns(imgen.Pipeline().add("crop").add("crop"))
    with pytest.raises(ParameterError, match=r"fits 2 steps; call it 1\.width"):
        twice.pipeline({"width": "0.5"})
    Path("odd.csv").write_text("a,b\n1,2\n")
    with pytest.raises(PhotoError, match="no column photo, path, file; it has a, b"):
        list(found_in(["odd.csv"]))


def test_a_parquet_file_is_such_a_table():
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    pq.write_table(pa.table({"path": ["in/p000.png", "in/p001.png"], "width": [0.5, None]}), "t.parquet")
    assert [one.parameters for one in found_in(["t.parquet"])] == [{"width": 0.5}, None]


def test_shares_depend_on_names_alone():
    names = [f"p{number}.png" for number in range(1000)]
    parts = [[name for name in names if Share(number, 4).has(name)] for number in range(4)]
    assert sorted(name for part in parts for name in part) == sorted(names)
    assert all(200 < len(part) < 300 for part in parts)


def test_a_long_list_is_not_held():
    Path("list.txt").write_text("".join(f"some/folder/of/photos/number-{n:07}.jpg\n" for n in range(20_000)))
    tracemalloc.start()
    with Listing(found_in(["list.txt"]), "", Path()) as listing:
        assert sum(1 for _ in listing.entries(Share())) == 20_000
        entry = next(listing.entries(Share()))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 3e6  # the list has 800 kB; a million photos need some 50 times as much as here
    assert Entry.from_text(entry.text()) == entry

"""Photos and results in an object store, by a fake one: fsspec's in memory, alone or with keys and bad days."""

import io

import fsspec
import pytest
from batchkit import CROP, do, events, make_photos, results
from fsspec.implementations.memory import MemoryFileSystem
from PIL import Image as Pillow

import imgen
from imgen.batch import run
from imgen.batch.store import base, is_url, key_of
from imgen.errors import PhotoError, PipelineError


class Keeping(MemoryFileSystem):
    """Keeps metadata beside its objects as S3 does, and fails now and then."""

    protocol = "s3"
    store, pseudo_dirs = {}, [""]
    kept, failing, puts = {}, [], []

    def pipe_file(self, path, value, Metadata=None, **more):  # noqa: N803: as s3fs calls it
        self.puts.append(path)
        self.kept[self._strip_protocol(path)] = Metadata or {}
        return super().pipe_file(path, value, **more)

    def metadata(self, path):
        return self.kept.get(self._strip_protocol(path), {})

    def cat_file(self, path, *more, **options):
        if base(path) in self.failing:
            self.failing.remove(base(path))
            raise ConnectionError("the store is busy")
        return super().cat_file(path, *more, **options)


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    """The same four photos in a folder and in two stores."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("imgen.batch.patience.time.sleep", lambda seconds: None)
    fsspec.register_implementation("s3", Keeping, clobber=True)
    for kind in (MemoryFileSystem, Keeping):
        kind.store.clear()
        kind.pseudo_dirs[:] = [""]
    for path in make_photos(tmp_path / "in", 4):
        for root in ("memory://in", "s3://bucket/in"):
            with fsspec.open(f"{root}/deep/{path.name}", "wb") as file:
                file.write(path.read_bytes())
    Keeping.puts.clear()
    Keeping.kept.clear()
    Keeping.failing.clear()
    yield tmp_path
    fsspec.register_implementation("s3", "s3fs.S3FileSystem", clobber=True)


def stored(url: str) -> dict[str, bytes]:
    fs, root = fsspec.core.url_to_fs(url)
    return {path.removeprefix(root).lstrip("/"): fs.cat_file(path) for path in fs.find(root) if "/.imgen/" not in path}


@pytest.mark.parametrize("root", ["memory://in", "s3://bucket/in"])
def test_results_are_those_of_files(place, root):
    do("in", "out")
    output = root.replace("in", "out")
    assert len(do(f"{root}/deep", output)) == 4
    assert stored(output) == results(place / "out")
    assert do(f"{root}/deep", output) == {}
    assert len(do(root, f"{output}2", recursive=True)) == 4
    assert sorted(stored(f"{output}2")) == [f"deep/p00{n}.png" for n in range(4)]
    assert sorted(events(do(f"{root}/*/p00[12].png", "globbed"))) == ["deep/p001.png", "deep/p002.png"]
    assert imgen.open("globbed/deep/p001.png").width == 12


def test_each_result_is_put_once_with_its_key(place):
    do("s3://bucket/in/deep", "s3://bucket/out")
    assert sorted(base(p) for p in Keeping.puts if ".imgen" not in p) == [f"p00{n}.png" for n in range(4)]
    keys = {key_of(f"s3://bucket/out/p00{n}.png") for n in range(4)}
    assert all(len(key) == 64 for key in keys)
    assert len(keys) == 4


@pytest.mark.parametrize("root", ["memory://", "s3://bucket/"])
def test_results_whose_lines_were_lost_are_the_jobs_own(place, root):
    do("in", f"{root}out")
    fs, path = fsspec.core.url_to_fs(f"{root}out/.imgen")
    for name in fs.glob(f"{path}/*/journal/*"):
        fs.rm(name)
    before = stored(f"{root}out")
    found = events(do("in", f"{root}out"))
    assert set(found.values()) == {"kept" if root.startswith("s3") else "done"}
    assert stored(f"{root}out") == before
    assert do("in", f"{root}out") == {}


@pytest.mark.parametrize("root", ["memory://", "s3://bucket/"])
def test_results_of_others_are_kept(place, root):
    with fsspec.open(f"{root}out/p001.png", "wb") as file:
        file.write(b"mine")
    assert events(do("in", f"{root}out"))["p001.png"] == "later"
    assert stored(f"{root}out")["p001.png"] == b"mine"
    assert events(do("in", f"{root}out", existing="skip")) == {"p001.png": "skipped"}
    assert events(do("in", f"{root}out", existing="overwrite")) == {"p001.png": "done"}
    assert stored(f"{root}out")["p001.png"] != b"mine"


def test_another_recipe_is_refused_there_too(place):
    do("in", "memory://out")
    other = imgen.Pipeline().add("crop", width=0.25)
    with pytest.raises(PipelineError, match="another recipe"):
        run(other, "in", "memory://out")
    assert len(do("in", "memory://out", other, existing="overwrite")) == 4
    with Pillow.open(io.BytesIO(stored("memory://out")["p000.png"])) as picture:
        assert picture.width == 6


def test_a_store_that_is_busy_is_asked_again(place):
    Keeping.failing.extend(["p001.png"] * 2)
    assert set(events(do("s3://bucket/in/deep", "out")).values()) == {"done"}
    Keeping.failing.extend(["p002.png"] * 4)
    done = do("s3://bucket/in/deep", "out2")
    assert events(done)["p002.png"] == "later"
    assert "the store is busy (4 tries)" in done["p002.png"].reason
    assert events(do("s3://bucket/in/deep", "out2")) == {"p002.png": "done"}


def test_a_list_of_addresses(place):
    with fsspec.open("memory://lists/all.csv", "w") as file:
        file.write("url,width\nmemory://in/deep/p000.png,0.25\nmemory://in/gone.png,\n")
    done = do("memory://lists/all.csv", "out")
    assert events(done) == {"in/deep/p000.png": "done", "in/gone.png": "failed"}
    assert "gone.png" in done["in/gone.png"].reason
    assert imgen.open("out/in/deep/p000.png").width == 6


def test_what_cannot_be_reached_is_said():
    assert "nowhere://a.png cannot be reached" in do("nowhere://a.png", "out")["a.png"].reason
    with pytest.raises(PhotoError, match="cannot be reached"):
        run(CROP, "in", "nowhere://out")
    assert events(do("memory://none", "out")) == {"none": "failed"}


def test_names():
    assert is_url("s3://a/b.jpg")
    assert not is_url("C:/a.jpg")
    assert base("https://host/in/a.jpg?width=5") == "a.jpg"
    assert base("s3://bucket/what?.jpg") == "what?.jpg"
    assert CROP.steps

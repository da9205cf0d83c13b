"""Packs hold what a folder holds: the same bytes in the same order, and the same weights after training from them."""

import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

from imgen.cli.entry import main

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.train

import runs
from safetensors.torch import load_file

from imgen.engine.plugins import installed
from imgen.faces.training.portraits import portraits
from imgen.training.budget import Budget
from imgen.training.checkpoint import CHECKPOINT
from imgen.training.data import DataError, Decoding, Pictures, find_pictures
from imgen.training.digits import digits
from imgen.training.loop import Loop
from imgen.training.packed import Packed, roots
from imgen.training.packfile import PackError
from imgen.training.packing import write_pack
from imgen.training.pairs import Pairs

DENOISE = ["widths=[8,8,8]", "blocks=1", "batch=2", "crop=16"]


def packed(*sources: Path, size: int | None = None) -> list[Path]:
    path = sources[0].parent / "data.imgen"
    write_pack(sources, path, size)
    return roots(path)


def same(a: Pictures, b: Pictures) -> None:
    assert [p.name for p in a.paths] == [p.name for p in b.paths]
    assert [p.name for p in a.files] == [p.name for p in b.files]
    for i in range(len(a)):
        assert np.array_equal(a[i], b[i]), a.paths[i]


@pytest.mark.parametrize(
    "decoding", [Decoding(), Decoding("mask"), Decoding(clean=True), Decoding(side=64), Decoding("mask", side=64)]
)
def test_a_pack_reads_as_the_folder_does(mixed, decoding):
    same(Pictures([mixed], decoding), Pictures(packed(mixed), decoding))


@pytest.mark.parametrize(("second", "kind"), [("mask", "mask"), ("labels", "labels"), ("labels", "mask")])
@pytest.mark.parametrize("side", [None, 64])
def test_pairs_read_as_from_the_folder(masks, second, kind, side):
    a, b = (Pairs(data, "image", second, Decoding(kind, side=side)) for data in ([masks], packed(masks)))
    same(a.first, b.first)
    same(a.second, b.second)
    for seed in range(3):
        for one, other in zip(*(pairs.draw(np.random.default_rng(seed)) for pairs in (a, b)), strict=True):
            assert np.array_equal(one, other)


def test_pictures_that_need_nothing_are_taken_where_they_lie(masks, monkeypatch):
    monkeypatch.setattr("imgen.training.data.decode_all", None)
    (folder,) = packed(masks)
    pairs = Pairs([folder], "image", "mask", Decoding("mask"))
    assert pairs.first.bytes is pairs.second.bytes
    small = packed(masks / "image", size=40)
    assert Pictures(small, Decoding(side=40))[0].shape == (40, 60, 3)
    with pytest.raises(TypeError):  # to be shrunk, hence decoded anew
        Pictures(small, Decoding(side=30))


def test_a_size_is_that_of_the_trainers_own_shrinking_and_never_blends_numbers(mixed, masks):
    same(Pictures([mixed], Decoding(side=64)), Pictures(packed(mixed, size=64), Decoding(side=64)))
    with pytest.raises(DataError, match="leave out --size"):
        packed(masks, size=64)


def test_several_folders_tables_and_digits_keep_their_places(people, mixed, digit_folder):
    faces, photos, written = packed(people, mixed, digit_folder)
    assert [one.name for one in (faces, photos, written)] == ["people", "mixed", "digits"]
    for one, other in zip(portraits([people]), portraits([faces]), strict=True):
        assert np.array_equal(one, other)
    for one, other in zip(digits(digit_folder), digits(written), strict=True):
        assert np.array_equal(one, other)
    assert [p.name for p in faces.iterdir()] == ["images", "attributes.csv"]
    assert not (faces / "nothing").exists()


@pytest.fixture
def digit_folder(tmp_path) -> Path:
    import gzip

    folder = tmp_path / "digits"
    folder.mkdir()
    images, labels = np.arange(3 * 784).astype(np.uint8), np.arange(3, dtype=np.uint8)
    for name, values, sizes in (("images-idx3", images, (3, 28, 28)), ("labels-idx1", labels, (3,))):
        head = bytes([0, 0, 8, len(sizes)]) + struct.pack(f">{len(sizes)}I", *sizes)
        (folder / f"t10k-{name}-ubyte.gz").write_bytes(gzip.compress(head + values.tobytes()))
    return folder


def test_folders_of_one_name_stay_apart(tmp_path, cat):
    for place in "xy":
        (tmp_path / place / "faces").mkdir(parents=True)
        Pillow.fromarray(cat).save(tmp_path / place / "faces" / f"{place}.png")
    write_pack([tmp_path / "x" / "faces", tmp_path / "y" / "faces"], tmp_path / "p.imgen")
    first, second = roots(tmp_path / "p.imgen")
    assert (find_pictures(first)[0].name, find_pictures(second)[0].name) == ("x.png", "y.png")


@pytest.mark.parametrize(
    ("model", "settings"),
    [
        ("autoencoder/denoise", DENOISE),
        ("unet/segment", ["batch=2", "size=64"]),
        ("vae/faces", ["widths=[8,8,8]", "latent=4", "batch=4", "held_out=8", "features=0"]),
    ],
)
def test_training_from_a_pack_gives_the_same_weights(model, settings, mixed, masks, people, tmp_path, capsys):
    data = {"autoencoder/denoise": mixed, "unet/segment": masks, "vae/faces": people}[model]
    pack = tmp_path / "data.imgen"
    assert main(["pack", str(data), "-o", str(pack)]) == 0
    assert f"use it as --data {pack}" in capsys.readouterr().out
    assert runs.train(model, data, tmp_path / "a", 2, *settings) == 0
    assert runs.train(model, pack, tmp_path / "b", 2, *settings) == 0
    a, b = (load_file(tmp_path / run / CHECKPOINT) for run in "ab")
    assert all(torch.equal(a[key], b[key]) for key in a)


def test_what_cannot_be_read_is_said_when_packing_and_when_training(mixed, tmp_path, capsys):
    pack = tmp_path / "data.imgen"
    assert main(["pack", str(mixed), "-o", str(pack)]) == 0
    said = capsys.readouterr()
    assert "skipped mixed/g.jpg: it cannot be read" in said.err
    assert "1 files are neither" in said.err
    assert runs.train("autoencoder/denoise", pack, tmp_path / "run", 1, *DENOISE) == 0
    assert f"skipped {pack}/mixed/g.jpg: it cannot be read" in capsys.readouterr().err
    assert main(["pack", str(mixed), "-o", str(pack)]) == 1
    assert "--overwrite" in capsys.readouterr().err
    assert main(["pack", str(mixed), "-o", str(tmp_path / "data.zip")]) == 1
    assert ".imgen" in capsys.readouterr().err
    assert main(["pack", str(tmp_path / "none"), "-o", str(tmp_path / "x.imgen")]) == 1
    assert "there is no" in capsys.readouterr().err
    assert not list(tmp_path.glob("*.part"))


def test_what_reads_files_by_itself_is_told_to_take_the_folder(mixed):
    (folder,) = packed(mixed)
    assert isinstance(folder / "a.png", Packed)
    for touch in (open, Pillow.open):
        with pytest.raises(PackError, match="give it the folder"):
            touch(folder / "a.png")
    said = "vae/direction reads files by itself and not from a pack: give it the folders"
    trainer = installed().trainer("vae/direction")
    with pytest.raises(DataError, match=said):
        Loop(trainer(trainer.Settings()), [folder, folder], mixed / "run", Budget(steps=1))
    with pytest.raises(PackError, match="nothing is written"):
        (folder / "new.csv").open("w")

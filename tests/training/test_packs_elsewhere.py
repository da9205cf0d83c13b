"""Packs that are damaged, changed, or lie elsewhere."""

import json
import zlib

import pytest

from imgen.cli.entry import main

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.train

import runs
from test_packing import packed, same

from imgen.training.data import DataError, Pictures
from imgen.training.packfile import MAGIC, TAIL, Pack, PackError
from imgen.training.sources import folders, local


def spoilt(whole: bytes) -> dict[str, tuple[bytes, str]]:
    """What a pack may have become, and what is said of each."""
    length, _, end = TAIL.unpack(whole[-TAIL.size :])
    data, text = whole[: -TAIL.size - length], whole[-TAIL.size - length : -TAIL.size]

    def with_index(**changes: object) -> bytes:
        index = json.dumps(json.loads(text) | changes).encode()
        return data + index + TAIL.pack(len(index), zlib.crc32(index), end)

    return {
        "half": (whole[: len(whole) // 2], "cut short"),
        "short": (MAGIC, "cut short"),
        "foreign": (b"PK\3\4" + whole, "is no pack"),
        "empty": (b"", "is no pack"),
        "middle": (whole[:300] + whole[400:], "cut short"),
        "newer": (with_index(version=2), "newer imgen"),
        "index": (data + text.replace(b"mixed", b"mexid") + whole[-TAIL.size :], "cut short or damaged"),
        "outside": (with_index(pictures=[["mixed/a.png", "RGB", 10**12, 9, 9, 5]]), "does not hold"),
        "strange": (with_index(pictures=[["mixed/a.png", "XYZ", 16, 9, 9, 5]]), "no pack of imgen's own"),
    }


def test_damaged_cut_and_foreign_packs_are_refused(mixed, tmp_path):
    packed(mixed)
    for name, (data, said) in spoilt((tmp_path / "data.imgen").read_bytes()).items():
        path = tmp_path / f"{name}.imgen"
        path.write_bytes(data)
        with pytest.raises(PackError, match=said):
            folders([path])
    with pytest.raises(PackError, match="imgen pack FOLDER"):
        folders([tmp_path / "nowhere.imgen"])


def test_changed_pixels_are_found(mixed, tmp_path):
    packed(mixed)
    whole = bytearray((tmp_path / "data.imgen").read_bytes())
    Pack(tmp_path / "data.imgen").verify()
    whole[1000] ^= 1
    (tmp_path / "data.imgen").write_bytes(whole)
    with pytest.raises(PackError, match="pixels have changed"):
        Pack(tmp_path / "data.imgen").verify()


def test_packs_are_written_to_and_read_from_elsewhere(masks, tmp_path, capsys):
    pytest.importorskip("fsspec")
    url = "memory://bucket/deep/pairs.imgen"
    assert main(["pack", str(masks), "-o", url]) == 0
    assert main(["pack", str(masks), "-o", url]) == 1
    assert "--overwrite" in capsys.readouterr().err
    path = local(url)
    assert "fetching memory://bucket/deep/pairs.imgen" in capsys.readouterr().out
    assert local(url) == path
    assert capsys.readouterr().out == ""  # it is there
    same(Pictures([masks / "image"]), Pictures([folders([path])[0] / "image"]))
    assert runs.train("unet/segment", url, tmp_path / "run", 1, "batch=2", "size=64") == 0
    for name, said in (("memory://bucket/none.imgen", "there is no"), ("memory://bucket/deep", "only packs")):
        with pytest.raises(DataError, match=said):
            local(name)
    with pytest.raises(DataError, match=r"cannot be reached|pip install"):
        local("nosuchstore://bucket/x.imgen")


def test_a_pack_that_comes_damaged_is_not_kept(masks, tmp_path):
    fsspec = pytest.importorskip("fsspec")
    packed(masks)
    whole = bytearray((tmp_path / "data.imgen").read_bytes())
    whole[500] ^= 1
    system = fsspec.filesystem("memory")
    system.pipe_file("/broken.imgen", bytes(whole))
    with pytest.raises(PackError, match=r"memory://broken\.imgen is damaged"):
        local("memory://broken.imgen")
    assert not [p for p in (tmp_path / "cache").rglob("*") if p.is_file()]

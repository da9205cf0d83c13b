"""The table of docs/formats.md says what the program does: a photo with every part is saved in every format."""

import io
import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from filekit import IPTC, chunk, chunks, packet, png, resource, segments, tags, told
from PIL import Image as Pillow
from PIL import ImageCms

import imgen
from imgen.errors import PhotoError
from imgen.image import curves, profiles
from imgen.io import kept
from imgen.io.formats import FORMATS, READ, SUFFIXES, sniff
from imgen.io.parts import Entry, Parts
from imgen.io.parts.photoshop import read_resources

SUFFIX = {"JPEG": "jpg", "PNG": "png", "TIFF": "tif", "WEBP": "webp", "GIF": "gif"}
XMP = packet("<dc:source>here</dc:source>")
TAGS = {269: (2, b"docname\0"), 33550: (12, struct.pack("<3d", 1, 1, 0))}


@pytest.fixture
def rich(cat: np.ndarray, tmp_path: Path) -> imgen.Photo:
    """A photo with every part but transparency, which two formats refuse, and frames, which have 8 bits."""
    (tmp_path / "in.png").write_bytes(png(cat.astype(np.uint16) * 257, chunk(b"cICP", bytes([12, 13, 0, 1]))))
    photo = imgen.open(tmp_path / "in.png")
    exif = Pillow.Exif()
    exif[271] = "Camera"
    parts = replace(
        photo.parts,
        resources=read_resources(resource(0x0404, IPTC)),
        comments=(b"by hand",),
        tags=tuple(Entry(tag, kind, 3 if kind == 12 else len(data), data) for tag, (kind, data) in TAGS.items()),
        xmp_extension=b"<x>no RDF</x>",
    )
    text = {"Comment": "a text", "Title": "a title"}
    return photo.replace(exif=exif.tobytes(), xmp=XMP, dpi=(300, 300), text=text, recipe='{"a": 1}', parts=parts)


@pytest.mark.parametrize("suffix", ["jpg", "png", "tif", "webp"])
@pytest.mark.parametrize("said", ['<rdf:Description dc:format="image/heic">', "<dc:format>image/heic</dc:format>"])
def test_xmp_says_the_format_of_the_file(rich, tmp_path, suffix, said):
    more = (said, "</rdf:Description>") if "=" in said else ("", "")
    xmp = packet(f"{more[0]}<dc:source>here</dc:source>{more[1]}{'' if more[0] else said}")
    path = rich.replace(xmp=xmp).save(tmp_path / f"out.{suffix}")
    data = path.read_bytes()
    form = {"jpg": b"image/jpeg", "tif": b"image/tiff"}.get(suffix, f"image/{suffix}".encode())
    assert form in data
    assert b"image/heic" not in data


def found_in(path: Path, form: str) -> dict[str, bool]:
    """What other programs find in a file, by the table's names."""
    with Pillow.open(path) as file:
        exif, info, frames = file.getexif(), file.info, getattr(file, "n_frames", 1)
    data = path.read_bytes()
    of_jpeg = segments(path) if form == "JPEG" else []
    of_png = chunks(path) if form == "PNG" else {}
    of_tiff = tags(path) if form == "TIFF" else {}
    return {
        "16 bits a channel": of_png.get(b"IHDR", bytes(9))[8] == 16 or of_tiff.get(258) == (16, 16, 16),
        "animation": frames > 1,
        "colour profile": b"Display P3" in (info.get("icc_profile") or b"").replace(b"\0", b""),
        "colours of a PNG (cICP, sRGB, gAMA, cHRM)": of_png.get(b"cICP") == bytes([12, 13, 0, 1]),
        "resolution": bool(of_png.get(b"pHYs") or info.get("dpi") or exif.get(282) == 300),
        "EXIF": exif.get(271) == "Camera",
        "XMP": b"<dc:source>here" in data,
        "extended XMP that cannot be joined": b"no RDF" in data,
        "IPTC and other Photoshop resources": IPTC in data or b"Raw profile type iptc" in data,
        "comments of a JPEG": (0xFE, b"by hand") in of_jpeg or b"Comment\0\0\0\0\0by hand" in data,
        "text “Comment” of a PNG": (0xFE, b"a text") in of_jpeg or b"Comment\0\0\0\0\0a text" in data,
        "other texts of a PNG": b"a title" in data,
        "names of a TIFF (DocumentName, PageName)": b"docname" in data,
        "GeoTIFF and GDAL tags": 33550 in of_tiff,
        "recipe": b'{"a": 1}' in data,
    }


@pytest.mark.parametrize("form", kept.FORMS)
def test_the_table_is_true(rich, tmp_path, form):
    path = tmp_path / f"out.{SUFFIX[form]}"
    notes = " ".join(told(lambda: rich.save(path)))
    found = found_in(path, form)
    for part in kept.PARTS:
        if part.name in ("transparency", "animation"):
            continue
        held = part.held.get(form, kept.LOST)
        assert part.there(rich), part.name
        elsewhere = held in ("converted to sRGB", "as a profile")
        assert found[part.name] == (held != kept.LOST and not elsewhere), part.name
        if held == kept.LOST and form != "GIF":  # of a GIF one note says that it carries nothing
            words = {"recipe": "no recipe", "16 bits a channel": "8 bits a channel"}.get(part.name, part.name)
            assert words in notes, part.name
    assert form != "GIF" or "no metadata and no recipe" in notes


@pytest.mark.parametrize("form", kept.FORMS)
def test_the_table_is_true_of_transparency_and_frames(cat, tmp_path, form):
    held = {part.name: part.held.get(form, kept.LOST) for part in kept.PARTS}
    path = tmp_path / f"out.{SUFFIX[form]}"
    clear = imgen.Photo.from_array(np.dstack([cat, cat[..., 0]]))
    if held["transparency"] == "refused":
        with pytest.raises(PhotoError, match="transparency"):
            clear.save(path)
    else:
        assert held["transparency"] == kept.KEPT
        assert imgen.open(clear.save(path)).alpha is not None
    frames = np.stack([clear.pixels, 1 - clear.pixels])
    notes = told(lambda: imgen.Photo(frames[0], frames=frames).save(path))
    assert found_in(path, form)["animation"] == (held["animation"] == kept.KEPT)
    assert any("frames" in text for text in notes) == (held["animation"] == kept.LOST)


def test_a_gif_gets_srgb(rich, tmp_path):
    with Pillow.open(rich.save(tmp_path / "out.gif")) as file:
        shown = np.asarray(file.convert("RGB")).astype(float)
    profile = ImageCms.ImageCmsProfile(io.BytesIO(rich.icc))
    source = Pillow.fromarray(np.rint(255 * rich.pixels).astype(np.uint8))
    right = ImageCms.profileToProfile(source, profile, ImageCms.createProfile("sRGB"))
    assert np.abs((shown - np.asarray(right)).mean((0, 1))).max() < 2


@pytest.mark.parametrize("suffix", ["jpg", "png", "tif", "webp"])
def test_stripping_leaves_pixels_and_colours(rich, tmp_path, suffix):
    bare = imgen.open(rich.save(tmp_path / f"out.{suffix}", metadata=False))
    colour = Parts(size=bare.parts.size, colour=bare.parts.colour, colour_icc=bare.parts.colour_icc)
    assert (bare.xmp, bare.text, bare.recipe, bare.parts, bare.icc) == (None, {}, None, colour, rich.icc)
    data = (tmp_path / f"out.{suffix}").read_bytes()
    assert not any(word in data for word in (b"Camera", b"by hand", IPTC, b"docname", b"a title", b"no RDF"))


def test_what_is_carried_counts_for_the_fingerprint(rich):
    other = replace(rich.parts, comments=(b"by foot",))
    assert rich.replace(parts=other).fingerprint != rich.fingerprint


@pytest.mark.parametrize("suffix", [".jfif", ".JPE", ".TIF", ".Tiff", ".JPG", ".jpeg", ".WebP", ".PNG"])
def test_suffixes_in_any_case(photo, tmp_path, suffix):
    path = photo.save(tmp_path / f"out{suffix}")
    assert sniff(path.read_bytes()[:64]) == FORMATS[suffix.lower()]
    assert imgen.open(path).pixels.shape == photo.pixels.shape


def test_what_is_read_and_what_is_written():
    assert FORMATS.items() <= READ.items()
    assert FORMATS.items() <= SUFFIXES.items()
    assert {READ[".heic"], READ[".avif"]} == {"HEIC", "AVIF"}
    assert ".heic" not in SUFFIXES


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "a PostScript file"),
        (b"GIF89a" + bytes(30), "a GIF file"),
        (b"%PDF-1.7", "a PDF file"),
        (b"8BPS\0\1" + bytes(30), "a Photoshop file"),
        (b"\0\0\0\x18ftypmp42" + bytes(30), "a video file"),
        (b"hello", "not a picture that imgen reads"),
    ],
)
def test_a_renamed_file_starts_no_other_decoder(tmp_path, monkeypatch, data, words):
    monkeypatch.setattr(Pillow, "open", None)
    (tmp_path / "photo.jpg").write_bytes(data)
    with pytest.raises(PhotoError, match=words):
        imgen.open(tmp_path / "photo.jpg")


def test_profiles_are_what_littlecms_takes_them_for():
    for primaries in profiles.PRIMARIES:
        for transfer in curves.CURVES:
            made = profiles.from_code_points(primaries, transfer, full=primaries != 9)
            if made is not None:
                opened = ImageCms.ImageCmsProfile(io.BytesIO(made))
                assert opened.profile.xcolor_space.strip() == "RGB"
                assert opened.profile.is_matrix_shaper

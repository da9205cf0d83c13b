"""XMP in JPEG files: what of it stays, goes, or is split."""

import hashlib
import io
import re
import struct

import pytest
from filekit import (
    CASES,
    EXTENDED,
    XMP,
    jpeg,
    opened,
    packet,
    segment,
    segments,
    told,
)  # fmt: skip
from PIL import Image as Pillow

import imgen

TITLE = '<dc:title><rdf:Alt><rdf:li xml:lang="x-default">Tüt</rdf:li></rdf:Alt></dc:title>'

GAIN_MAP = 'xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/" hdrgm:Version="1.0"'

CONTAINER = (
    'xmlns:Container="http://ns.google.com/photos/1.0/container/" '
    'xmlns:Item="http://ns.google.com/photos/1.0/container/item/"'
)

CAMERA = 'xmlns:GCamera="http://ns.google.com/photos/1.0/camera/" GCamera:MotionPhoto="1" GCamera:BurstID="burst"'


def test_a_gain_map_goes_and_nothing_claims_it(tmp_path):
    notes = told(lambda: imgen.open(CASES / "ultrahdr.jpg").save(tmp_path / "out.jpg"))
    assert any("gain map" in text for text in notes)
    data = (tmp_path / "out.jpg").read_bytes()
    assert not any(word in data for word in (b"hdrgm", b"Container", b"MPF\0", b"hdr-gain-map"))
    assert segments(tmp_path / "out.jpg")[-1] == (0, b"")


def test_a_motion_video_goes_and_nothing_claims_it(tmp_path):
    notes = told(lambda: imgen.open(CASES / "motion.jpg").save(tmp_path / "out.jpg"))
    assert any("motion video" in text for text in notes)
    data = (tmp_path / "out.jpg").read_bytes()
    assert not any(word in data for word in (b"MotionPhoto", b"MicroVideo", b"ftyp"))


@pytest.mark.parametrize("suffix", ["jpg", "png", "tif", "webp"])
def test_the_rest_of_such_xmp_stays(cat, tmp_path, suffix):
    body = TITLE + "<Container:Directory><rdf:Seq><rdf:li>x</rdf:li></rdf:Seq></Container:Directory>"
    main = segment(0xE1, XMP + packet(body, f"{GAIN_MAP} {CONTAINER} {CAMERA}"))
    photo, notes = opened(jpeg(cat, main, tail=jpeg(cat) + b"\0\0\0\x18ftypmp42"), tmp_path / "in.jpg")
    assert any("gain map" in text and "motion video" in text for text in notes)
    kept = imgen.open(photo.save(tmp_path / f"out.{suffix}")).xmp
    assert kept is not None
    assert b"burst" in kept
    assert "Tüt".encode() in kept
    assert not any(word in kept for word in (b"hdrgm", b"Container", b"MotionPhoto", b"Item"))


def test_untouched_xmp_stays_byte_for_byte(cat, tmp_path):
    main = packet(TITLE)
    photo, notes = opened(jpeg(cat, segment(0xE1, XMP + main)), tmp_path / "in.jpg")
    assert (photo.xmp, notes) == (main, [])
    assert imgen.open(photo.save(tmp_path / "out.jpg")).xmp == main


def test_xmp_that_cannot_be_parsed_goes_only_if_it_claims_something(cat, tmp_path):
    photo, _ = opened(jpeg(cat, segment(0xE1, XMP + b"<broken")), tmp_path / "in.jpg")
    assert photo.xmp == b"<broken"
    claim = b"<broken xmlns:h='http://ns.adobe.com/hdr-gain-map/1.0/'"
    photo, notes = opened(jpeg(cat, segment(0xE1, XMP + claim)), tmp_path / "in.jpg")
    assert photo.xmp is None
    assert any("damaged XMP" in text for text in notes)


def extended(data: bytes, guid: str, size: int = 60_000) -> list[bytes]:
    head = EXTENDED + guid.encode()
    return [
        segment(0xE1, head + struct.pack(">II", len(data), i) + data[i : i + size]) for i in range(0, len(data), size)
    ]


def read_extended(path) -> tuple[bytes, str, bytes]:
    """Main packet, the GUID that it claims, extended packet, by the specification."""
    found = segments(path)
    main = next(data[len(XMP) :] for marker, data in found if marker == 0xE1 and data.startswith(XMP))
    guid = re.search(rb'HasExtendedXMP="(\w{32})"', main)[1].decode()
    parts = [data[len(EXTENDED) :] for marker, data in found if marker == 0xE1 and data.startswith(EXTENDED)]
    assert {part[:32].decode() for part in parts} == {guid}
    ordered = sorted((struct.unpack(">II", part[32:40]), part[40:]) for part in parts)
    whole = b"".join(data for _, data in ordered)
    assert {total for (total, _), _ in ordered} == {len(whole)}
    return main, guid, whole


def test_extended_xmp_that_is_no_rdf_is_written_again_in_the_right_form(tmp_path):
    _, _, before = read_extended(CASES / "extxmp.jpg")
    photo = imgen.open(CASES / "extxmp.jpg")
    _, guid, after = read_extended(photo.save(tmp_path / "out.jpg"))
    assert after == before
    assert guid == hashlib.md5(after).hexdigest().upper()
    notes = told(lambda: photo.save(tmp_path / "out.png"))
    assert any("extended XMP" in text for text in notes)
    assert b"HasExtendedXMP" not in (tmp_path / "out.png").read_bytes()


@pytest.mark.parametrize("suffix", ["jpg", "png", "tif", "webp"])
def test_extended_xmp_is_joined_and_split_again(cat, tmp_path, suffix):
    body = f"<my:small>1</my:small><my:big>{'A' * 100_000}</my:big>"
    whole = packet(body, 'xmlns:my="http://my/"')
    guid = hashlib.md5(whole).hexdigest().upper()
    main = packet(TITLE, f'xmlns:xmpNote="http://ns.adobe.com/xmp/note/" xmpNote:HasExtendedXMP="{guid}"')
    parts = reversed(extended(whole, guid))
    photo, notes = opened(jpeg(cat, segment(0xE1, XMP + main), *parts), tmp_path / "in.jpg")
    assert notes == []
    out = photo.save(tmp_path / f"out.{suffix}")
    kept = imgen.open(out).xmp
    assert kept is not None
    assert all(word in kept for word in (b"A" * 100_000, b"my:small", b"dc:title"))
    assert b"HasExtendedXMP" not in kept
    if suffix == "jpg":
        main, guid, whole = read_extended(out)
        assert guid == hashlib.md5(whole).hexdigest().upper()
        assert b"dc:title" in main
        assert b"A" * 100_000 in whole


def test_half_of_an_extension_is_left_out_with_a_note(cat, tmp_path):
    whole = packet("A" * 100_000)
    guid = hashlib.md5(whole).hexdigest().upper()
    main = packet(TITLE, f'xmlns:xmpNote="http://ns.adobe.com/xmp/note/" xmpNote:HasExtendedXMP="{guid}"')
    photo, notes = opened(jpeg(cat, segment(0xE1, XMP + main), extended(whole, guid)[0]), tmp_path / "in.jpg")
    assert any("extended XMP is not whole" in text for text in notes)
    assert b"HasExtendedXMP" not in (photo.xmp or b"")


def test_xmp_of_a_converted_picture_names_its_old_colours_no_longer(cat, tmp_path):
    said = 'xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" photoshop:ColorMode="4" photoshop:ICCProfile="SWOP"'
    file = io.BytesIO()
    Pillow.fromarray(cat).convert("CMYK").save(file, "JPEG", xmp=packet(TITLE, said))
    photo, notes = opened(file.getvalue(), tmp_path / "in.jpg")
    assert any("CMYK" in text for text in notes)
    assert b'ColorMode="3"' in (photo.xmp or b"")
    assert b"SWOP" not in (photo.xmp or b"")

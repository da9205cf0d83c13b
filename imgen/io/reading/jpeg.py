"""JPEG files: every segment and all that lies behind the picture."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image as Pillow
from PIL import JpegImagePlugin

from ...contract.context import note
from ...errors import PhotoError
from ...image.photo import Photo
from ..metadata import SEGMENT
from ..parts import jpeg, xmp
from ..parts.photoshop import read_resources
from ..values import check_size
from .found import Found, photo_of

LOSSLESS, HIERARCHICAL, ARITHMETIC, JPEG_LS = {0xC3, 0xCB}, {0xC5, 0xC6, 0xC7, 0xCD, 0xCE, 0xCF}, {0xC9, 0xCA}, 0xF7
# Bytes that mean something to an entropy decoder that still waits for some, and nothing behind a whole picture.
MORE = bytes((37 * i + 11) % 251 for i in range(400))
OTHER = bytes(251 - byte for byte in MORE)  # two kinds, as one may happen to begin like what is missing


def read_jpeg(data: bytes, path: Path) -> Photo:
    """A JPEG, with IPTC, comments and joined XMP."""
    parts = jpeg.read_jpeg(data)
    values = jpeg_picture(parts, path)
    found = Found(
        icc=jpeg.icc_profile(parts),
        exif=parts.joined(0xE1, jpeg.EXIF) or None,
        dpi=jpeg.jfif_resolution(parts),
        recipe=parts.joined(0xEB, SEGMENT).decode(errors="replace") or None,
        resources=read_resources(parts.joined(0xED, jpeg.PHOTOSHOP)),
        comments=tuple(s.data for s in parts.segments if s.marker == jpeg.COM),
    )
    found.xmp, found.xmp_extension = whole_xmp(parts, path.name)
    for segment in parts.segments:
        classify(segment, found)
    claimed = b"hdr-gain-map" in (found.xmp or b"") or "gain map" in found.unedited
    for kind, part in jpeg.pictures_behind(parts.trailer):
        gains = claimed or b"hdr-gain-map" in part[:65536] or b"HDRGainMap" in part[:65536]
        words = {"picture": "gain map" if gains else "second picture", "video": "motion video"}
        found.unedited.append(words.get(kind, f"{len(part)} bytes behind the picture"))
    return photo_of(values, found, path)


def jpeg_picture(parts: jpeg.Jpeg, path: Path) -> Pillow.Image:
    """The decoded picture.

    Raises:
        PhotoError: a kind of JPEG that imgen cannot read, or one that ends too early.
    """
    advice = "save it as PNG or TIFF, or as an ordinary JPEG"
    if parts.frame in LOSSLESS:
        raise PhotoError(f"{path} is a lossless JPEG, which imgen cannot read; {advice}")
    if any(segment.marker == JPEG_LS for segment in parts.segments):
        raise PhotoError(f"{path} is a JPEG-LS file, which imgen cannot read; {advice}")
    if parts.frame in HIERARCHICAL:
        raise PhotoError(f"{path} is a hierarchical JPEG, which imgen cannot read; {advice}")
    if parts.frame and parts.bits != 8:
        raise PhotoError(
            f"{path} is a {parts.bits}-bit JPEG; imgen reads JPEGs of 8 bits; save it as PNG or TIFF with 16 bits"
        )
    check_size(*parts.size, path)
    if not parts.frame or (not parts.ended and not parts.full):
        raise PhotoError(f"{path} is damaged and cannot be read: it ends before the picture does")
    try:
        picture = decoded_jpeg(parts.stream)
    except OSError as error:
        if parts.frame in ARITHMETIC:
            raise PhotoError(f"{path} is a JPEG with arithmetic coding, which imgen cannot read; {advice}") from error
        raise
    if not parts.ended:
        if not complete(parts.stream, picture):
            raise PhotoError(f"{path} is damaged and cannot be read: it ends in the middle of the picture")
        note(f"{path.name} has no end mark, as if it were cut off, but every pixel is there")
    return picture


def decoded_jpeg(stream: bytes) -> Pillow.Image:
    """Decoded by Pillow's JPEG plugin itself: no other plugin sees the bytes, and no process-wide limit warns."""
    file = JpegImagePlugin.JpegImageFile(io.BytesIO(stream))
    file.load()
    return file


def complete(stream: bytes, picture: Pillow.Image) -> bool:
    """Whether a JPEG without end is all there: then more data change nothing, while a decoder that still waits for
    some takes them for the picture. Behind a restart interval it takes them only after the right restart marker.
    """
    pixels = picture.tobytes()
    restarts = [b"", *(b"\xff" + bytes([0xD0 + i]) for i in range(8))] if b"\xff\xdd" in stream else [b""]
    tails = [mark + more for mark in restarts for more in (MORE, OTHER)]
    return all(decoded_jpeg(stream[:-2] + tail + stream[-2:]).tobytes() == pixels for tail in tails)


def whole_xmp(parts: jpeg.Jpeg, name: str) -> tuple[bytes | None, bytes]:
    """The XMP packet with its extension joined, and an extension that cannot be joined."""
    packet = next(
        (s.data[len(jpeg.XMP) :] for s in parts.segments if s.marker == 0xE1 and s.data.startswith(jpeg.XMP)), b""
    )
    has_extension = any(s.marker == 0xE1 and s.data.startswith(jpeg.EXTENDED) for s in parts.segments)
    main = xmp.without_extension(packet)
    if not has_extension and xmp.extension_of(packet) is None:
        return main or None, b""
    extension = jpeg.extended_xmp(parts, xmp.extension_of(packet))
    if not extension:
        note(f"{name}: the extended XMP is not whole, or another one than the XMP names; it was left out")
        return main or None, b""
    joined = xmp.joined(main or xmp.EMPTY, extension)
    return (joined, b"") if joined is not None else (main or None, extension)


def classify(segment: jpeg.Segment, found: Found) -> None:
    """Words for a segment that is not carried."""
    marker, data = segment
    carried = {
        0xE1: (jpeg.EXIF, jpeg.XMP, jpeg.EXTENDED), 0xE2: (jpeg.ICC,), 0xEB: (SEGMENT,), 0xED: (jpeg.PHOTOSHOP,),
        0xEE: (b"Adobe",), jpeg.COM: (b"",),
    }  # fmt: skip
    if data.startswith(carried.get(marker, ())):
        return
    if marker == 0xE0 and data.startswith(b"JFIF\0"):
        if len(data) > 14 and data[12] * data[13]:
            found.unedited.append("small preview")
    elif marker == 0xE0 and data.startswith(b"JFXX\0"):
        found.unedited.append("small preview")
    elif marker == 0xE2 and data.startswith(jpeg.ISO_GAIN_MAP):
        found.unedited.append("gain map")
    elif marker == 0xE2 and data.startswith(jpeg.MPF):
        return  # the list of the pictures behind, which are named themselves
    elif marker == 0xEB and b"jumb" in data[:32]:
        found.unedited.append("content credentials")
    else:
        found.unknown.append(jpeg.segment_name(segment))

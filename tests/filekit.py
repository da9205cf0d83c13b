"""Files as programs and cameras write them, made by hand, and an independent look at what is in a file."""

import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import imagecodecs
import numpy as np
import tifffile
from PIL import Image as Pillow

import imgen
from imgen.contract.context import Context, using

CASES = Path(__file__).parent / "cases"
XMP, EXTENDED = b"http://ns.adobe.com/xap/1.0/\0", b"http://ns.adobe.com/xmp/extension/\0"
PHOTOSHOP = b"Photoshop 3.0\0"
IPTC = b"\x1c\x02x\x00\x03abc"


def told(do: Callable[[], object]) -> list[str]:
    """The notes of doing something."""
    notes: list[str] = []
    with using(Context(notes=notes)):
        do()
    return notes


def opened(data: bytes, path: Path) -> tuple[imgen.Photo, list[str]]:
    """The photo of a file with these bytes, and the notes."""
    path.write_bytes(data)
    notes: list[str] = []
    with using(Context(notes=notes)):
        return imgen.open(path), notes


def segment(marker: int, data: bytes) -> bytes:
    return b"\xff" + bytes([marker]) + struct.pack(">H", len(data) + 2) + data


def jpeg(array: np.ndarray, *segments: bytes, tail: bytes = b"", **options: object) -> bytes:
    """A JPEG with segments right behind its start and bytes behind its end."""
    file = io.BytesIO()
    Pillow.fromarray(array).save(file, "JPEG", **{"quality": 95, **options})
    data = file.getvalue()
    return data[:2] + b"".join(segments) + data[2:] + tail


def segments(path: Path) -> list[tuple[int, bytes]]:
    """(marker, data) of each segment before the picture, and (0, what lies behind its end)."""
    data, at, found = path.read_bytes(), 2, []
    while data[at + 1] != 0xDA:
        (length,) = struct.unpack(">H", data[at + 2 : at + 4])
        found.append((data[at + 1], data[at + 4 : at + 2 + length]))
        at += 2 + length
    return [*found, (0, data[data.rindex(b"\xff\xd9") + 2 :])]


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(array: np.ndarray, *extra: bytes) -> bytes:
    """A PNG of 8 or 16 bits with chunks behind its header."""
    data = imagecodecs.png_encode(array)
    return data[:33] + b"".join(extra) + data[33:]


def chunks(path: Path) -> dict[bytes, bytes]:
    """What each kind of chunk of a PNG holds, the last one of a kind."""
    data, at, found = path.read_bytes(), 8, {}
    while at < len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        found[data[at + 4 : at + 8]] = data[at + 8 : at + 8 + length]
        at += 12 + length
    return found


def tiff(array: np.ndarray, **options: object) -> bytes:
    file = io.BytesIO()
    tifffile.imwrite(file, array, **{"metadata": None, **options})
    return file.getvalue()


def tags(path: Path) -> dict[int, object]:
    with tifffile.TiffFile(path) as file:
        return {tag.code: tag.value for tag in file.pages.first.tags}


def resource(number: int, data: bytes, name: bytes = b"") -> bytes:
    """A Photoshop image resource."""
    name = bytes([len(name)]) + name
    padded = name + b"\0" * (len(name) % 2)
    return b"8BIM" + struct.pack(">H", number) + padded + struct.pack(">I", len(data)) + data + b"\0" * (len(data) % 2)


def packet(body: str, attributes: str = "") -> bytes:
    """An XMP packet with one description."""
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
        'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
        f'xmlns:dc="http://purl.org/dc/elements/1.1/" {attributes}>{body}</rdf:Description></rdf:RDF></x:xmpmeta>'
        f'{" " * 100}<?xpacket end="w"?>'
    ).encode()

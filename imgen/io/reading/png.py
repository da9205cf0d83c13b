"""PNG files: every chunk."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import PngImagePlugin

from ...contract.context import note
from ...errors import PhotoError
from ...image.photo import Photo
from ..metadata import RECIPE
from ..parts import exif, jpeg, png
from ..parts.photoshop import Resources, read_resources
from ..values import check_size
from . import pngcolour
from .found import Found, photo_of


def read_png(data: bytes, path: Path) -> Photo:
    """A PNG, with texts, colours said in any chunk, and foreign metadata in texts."""
    parts = png.read_png(data)
    header = parts.first("IHDR")
    if header is None or len(header) != 13:
        raise PhotoError(f"{path} is damaged and cannot be read: it has no header")
    check_size(int.from_bytes(header[:4], "big"), int.from_bytes(header[4:8], "big"), path)
    stream = parts.stream()
    if header[8] == 16:
        import imagecodecs

        values: NDArray[Any] | Pillow.Image = imagecodecs.png_decode(stream)
    else:
        values = PngImagePlugin.PngImageFile(io.BytesIO(stream))
        values.load()
    if not parts.ended:
        note(f"{path.name} has no end mark, as if it were cut off, but every pixel is there")
    found = Found(exif=parts.first("eXIf"), dpi=png.resolution(parts.first("pHYs")))
    pngcolour.colours(parts, found, grey=header[9] in (0, 4))
    read_texts(parts, found)
    frames = sum(chunk.kind == "fcTL" for chunk in parts.chunks)
    if frames > 1:
        note(f"{path.name} holds {frames} pictures; the first is used")
    known = {*png.STORAGE, *png.COLOUR, *png.TEXTS, "eXIf", "pHYs"}
    found.unedited += ["the time of its last change (tIME)" for chunk in parts.chunks if chunk.kind == "tIME"]
    found.unknown += [chunk.kind for chunk in parts.chunks if chunk.kind not in known | {"caBX", "tIME"}]
    if parts.first("caBX"):
        found.unedited.append("content credentials")
    if parts.trailer.strip(b"\0\r\n "):
        found.unedited.append(f"{len(parts.trailer)} bytes behind the picture")
    return photo_of(values, found, path)


def read_texts(parts: png.Png, found: Found) -> None:
    """Texts, among them XMP, the recipe and ImageMagick's way to keep EXIF, IPTC and XMP."""
    kept: list[tuple[str, bytes]] = []
    for chunk, key, text in png.texts_of(parts):
        if not key:
            found.unknown.append(f"a damaged {chunk.kind} chunk")
        elif key == png.XMP_KEY:
            found.xmp = text.encode()
        elif key == RECIPE:
            found.recipe = text
        elif not (key.startswith(png.RAW_PROFILE) and read_raw_profile(key, text, found)):
            found.text[key] = f"{found.text[key]}\n{text}" if key in found.text else text
            kept.append((chunk.kind, chunk.data))
    found.texts = tuple(kept)


def read_raw_profile(key: str, text: str, found: Found) -> bool:
    """Take foreign metadata out of a text; False where it is something else."""
    try:
        data = png.raw_profile(text)
    except ValueError:
        return False
    kind = key.removeprefix(png.RAW_PROFILE).lower()
    if kind in ("exif", "app1") and data.startswith((exif.HEAD, b"II*\0", b"MM\0*")):
        found.exif = found.exif or data
    elif kind in ("xmp", "app1"):
        found.xmp = found.xmp or data.removeprefix(jpeg.XMP)
    elif kind in ("iptc", "8bim"):
        data = data.removeprefix(jpeg.PHOTOSHOP)
        found.resources = read_resources(data) if data.startswith(b"8BIM") else Resources().with_iptc(data)
    elif kind in ("icc", "icm"):
        found.icc = found.icc or data
    else:
        return False
    return True

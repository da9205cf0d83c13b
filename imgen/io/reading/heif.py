"""HEIC and AVIF files, which phones write: opened where a library can."""

from __future__ import annotations

import io
import re
import struct
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...contract.context import note
from ...errors import PhotoError
from ...image import curves, profiles
from ...image.photo import Photo
from ..parts.tiff import counted
from ..values import check_size
from .found import Found, photo_of
from .tiffpixels import divided

INSTALL = 'pip install "imgen[heic]"'


class Still(NamedTuple):
    """A picture and what belongs to it."""

    values: NDArray[Any]
    icc: bytes | None
    exif: bytes | None
    xmp: bytes | None
    orientation: int | None  # still to be applied; None for what EXIF says


def read_heic(data: bytes, path: Path) -> Photo:
    """The main picture of a HEIC file; 10 and 12 bits become 16.

    Raises:
        PhotoError: pillow-heif is not installed.
    """
    try:
        import pillow_heif
    except ImportError as error:
        raise PhotoError(f"{path} is a HEIC file, which needs pillow-heif: {INSTALL}, or save it as JPEG") from error
    # opened by itself: registering it with Pillow would change what every program in this process reads
    container: Any = pillow_heif.open_heif(io.BytesIO(data), convert_hdr_to_8bit=False)
    picture: Any = container[container.primary_index]
    width, height = picture.size
    check_size(width, height, path)
    info: dict[str, Any] = picture.info
    if len(container) > 1:
        note(f"{path.name} holds {len(container)} pictures; the main one is used")
    lost = [
        *(["depth map"] if info.get("depth_images") else []),
        *(["gain map or other auxiliary picture"] if info.get("aux") else []),
        *(["small preview"] if info.get("thumbnails") else []),
    ]
    if lost:
        note(f"{path.name}: {', '.join(lost)} of the unedited picture left out")
    still = Still(heic_values(picture), *colours_and_texts(info), 1)  # turned already, whatever EXIF says
    return finished(still, path)


def heic_values(picture: Any) -> NDArray[Any]:
    """Grey or RGB or RGBA, alpha not premultiplied."""
    values = np.asarray(picture)
    if picture.premultiplied_alpha and values.ndim == 3 and values.shape[2] == 4:
        values = np.concatenate([divided(values[..., :3], values[..., 3:]), values[..., 3:]], 2)
    return values


def colours_and_texts(info: dict[str, Any]) -> tuple[bytes | None, bytes | None, bytes | None]:
    """Profile, EXIF and XMP of what pillow-heif tells."""
    icc, nclx = info.get("icc_profile") or None, info.get("nclx_profile")
    if icc is None and nclx:
        primaries, transfer = int(nclx["color_primaries"]), int(nclx["transfer_characteristics"])
        icc = colours_of(primaries, transfer)
    xmp = info.get("xmp")
    return icc, info.get("exif") or None, xmp or None


def colours_of(primaries: int, transfer: int) -> bytes | None:
    """The profile of a file's code points; sRGB where they say nothing."""
    if transfer in (curves.PQ, curves.HLG):
        note("the picture is HDR; what shines brighter than a white sheet is cut where its colours are converted")
    if primaries == 1 and transfer in (1, 6, 14):  # what encoders write for ordinary pictures, shown as sRGB everywhere
        return None
    try:
        return profiles.from_code_points(primaries, transfer, full=True)
    except ValueError:
        return None


def read_avif(data: bytes, path: Path) -> Photo:
    """The main picture of an AVIF file, which Pillow reads with 8 bits.

    Raises:
        PhotoError: this Pillow has no AVIF decoder.
    """
    from PIL import features

    if not features.check("avif"):
        raise PhotoError(f'{path} is an AVIF file, which needs Pillow 11.3 or later: pip install -U "pillow>=11.3"')
    from PIL import AvifImagePlugin

    with AvifImagePlugin.AvifImageFile(io.BytesIO(data)) as file:
        if getattr(file, "n_frames", 1) > 1:
            note(f"{path.name} holds {getattr(file, 'n_frames', 1)} pictures; the first is used")
        check_size(file.width, file.height, path)
        values = np.asarray(file)
        info: dict[str, Any] = {str(key): value for key, value in file.info.items()}
    bits = re.search(rb"pixi\0\0\0\0.(.)", data[:65536], re.DOTALL)
    if bits and bits[1][0] > 8:
        note(f"{path.name} has {bits[1][0]} bits a channel, of which 8 are read")
    icc = info.get("icc_profile") or None
    box = re.search(rb"colrnclx(....)", data[:65536], re.DOTALL)
    if icc is None and box:
        icc = colours_of(*struct.unpack(">HH", box[1]))
    auxiliary = data[:65536].count(b"auxl")
    if auxiliary and b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha" not in data[:65536]:
        note(f"{path.name}: {counted(auxiliary, 'auxiliary picture', 'auxiliary pictures')} left out")
    return finished(Still(values, icc, info.get("exif") or None, info.get("xmp") or None, None), path)


def finished(still: Still, path: Path) -> Photo:
    """The Photo of a picture and what belongs to it."""
    found = Found(icc=still.icc, exif=bare(still.exif), xmp=still.xmp, orientation=still.orientation)
    return photo_of(still.values, found, path)


def bare(block: bytes | None) -> bytes | None:
    """EXIF without what HEIF puts before it."""
    start = re.search(rb"II\*\0|MM\0\*", block[:64]) if block else None
    return block[start.start() :] if block and start else None

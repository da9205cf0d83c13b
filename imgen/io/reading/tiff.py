"""TIFF files: the photo among the pages, and every tag of it."""

from __future__ import annotations

import io
import logging
from pathlib import Path

import tifffile

from ...errors import PhotoError
from ...image.photo import Photo
from ..parts import exif, tiff
from .found import Found, photo_of
from .tiffpixels import page_values

# What tifffile has to say of odd files would reach a terminal through Python's last resort; the notes say it.
logging.getLogger("tifffile").addHandler(logging.NullHandler())


def read_tiff(data: bytes, path: Path) -> Photo:
    """A TIFF or BigTIFF: the photo among its pages, with GeoTIFF, GDAL, IPTC and texts."""
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        if not len(file.pages):
            raise PhotoError(f"{path} is damaged and cannot be read: it holds no picture")
        page = tiff.choose_page(file, path)
        values = page_values(page, path)
        tree = tiff.read_tags(data, page.offset)
    entry = tree.entries.get
    packet, icc, recipe = (
        found.data if (found := entry(tag)) else None for tag in (tiff.XMP, tiff.ICC, tiff.RECIPE_TAG)
    )
    orientation = found.numbers() if (found := entry(exif.ORIENTATION)) else ()
    return photo_of(
        values,
        Found(
            icc=icc,
            exif=tiff.exif_of(tree),
            xmp=packet,
            orientation=orientation[0] if orientation else 1,
            dpi=exif.resolution(tree.entries),
            recipe=recipe.decode(errors="replace").rstrip("\0") if recipe else None,
            resources=tiff.resources_of(tree),
            tags=tiff.carried(tree),
        ),
        path,
    )

"""How photos come in and go out: what `imgen.open` and the photo's own methods do, each loaded when first used."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import PhotoError
from ..image.photo import Photo
from .address import is_url
from .overlap import check_overlap

if TYPE_CHECKING:
    import PIL.Image


def open(path: str | Path) -> Photo:  # reads like imageio and Pillow  # noqa: A001
    """Open a JPEG, PNG, TIFF, WebP, HEIC or AVIF file, upright, with all that belongs to it. See `imgen.io.read`.

    Raises:
        PhotoError: this is no path, or the file is missing, damaged, too large or no picture that imgen reads.
    """
    from .read import read

    if not isinstance(path, str | os.PathLike):  # pyright: ignore[reportUnnecessaryIsInstance]: a caller's
        raise PhotoError(f"imgen.open takes a path, not {type(path).__name__}; Photo.from_array takes pictures")
    if isinstance(path, str) and is_url(path):
        raise PhotoError(f"{path} is an address; imgen run and imgen.batch.run take addresses, all else takes files")
    return read(Path(path))


def as_photo(picture: Any) -> Photo:
    """A photo from whatever holds a picture.

    Args:
        picture: a `Photo`, a path, the bytes of a file, a PIL image, an array or tensor as `Photo.from_array` takes it.

    Raises:
        PhotoError: it cannot be read, or is none of these.
    """
    if isinstance(picture, Photo):
        return picture
    if isinstance(picture, str | os.PathLike):
        return open(picture if isinstance(picture, str) else Path(picture))
    if isinstance(picture, bytes | bytearray | memoryview):
        from .read import decode

        return decode(bytes(picture), Path("these bytes")).replace(source=None)
    return Photo.from_array(picture)


def save(photo: Photo, path: Path, *, quality: int, metadata: bool, overwrite: bool) -> Path:
    """See `Photo.save`."""
    from .write import write

    if not overwrite:
        read = [] if photo.source is None else [photo.source]
        try:
            check_overlap([*read, *(() if photo.pipeline is None else photo.pipeline.files)], [path])
        except PhotoError as error:
            raise PhotoError(f"{error}, or say overwrite=True") from error
    return write(photo, path, quality=quality, metadata=metadata)


def photo_from(picture: Any, more: dict[str, Any]) -> Photo:
    """See `Photo.from_array`."""
    from . import arrays

    return arrays.photo_from(picture, more)


def to_pil(photo: Photo) -> PIL.Image.Image:
    """See `Photo.to_pil`."""
    from . import arrays

    return arrays.to_pil(photo)


def png(photo: Photo) -> bytes:
    """What a notebook shows."""
    from . import arrays

    return arrays.png(photo)

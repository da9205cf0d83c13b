"""What lies in picture files beside the pixels: read, made true again for an edited picture, and written."""

from __future__ import annotations

from dataclasses import dataclass, field

from .ifd import Entry
from .photoshop import Resources

__all__ = ["Entry", "Parts", "Resources"]


@dataclass(frozen=True)
class Parts:
    """What a file held beside pixels, profile, EXIF, XMP and texts, as it lay there.

    Attributes:
        size: (width, height) of the upright picture that all this described; places in it hold only at that size.
        turned: the file's orientation was applied, so that places in its stored picture hold no longer.
        resources: Photoshop's image resources, IPTC among them.
        comments: comments of a JPEG.
        colour: PNG chunks that say which colours are meant, as (type, data).
        colour_icc: the profile that was made of `colour`; the chunks hold only as long as the photo has this one.
        texts: text chunks of a PNG, as (type, data), of which the photo's `text` was made.
        tags: tags of a TIFF that are neither EXIF's nor about how pixels are stored.
        xmp_extension: an extended XMP packet of a JPEG that could not be joined with the main one.
    """

    size: tuple[int, int] | None = None
    turned: bool = False
    resources: Resources = field(default_factory=Resources)
    comments: tuple[bytes, ...] = ()
    colour: tuple[tuple[str, bytes], ...] = ()
    colour_icc: bytes | None = None
    texts: tuple[tuple[str, bytes], ...] = ()
    tags: tuple[Entry, ...] = ()
    xmp_extension: bytes = b""

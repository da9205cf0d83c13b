"""Write picture files: everything that the format can hold, and never half a file."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

from numpy.typing import NDArray
from PIL import Image as Pillow

from ..contract.context import note
from ..errors import ImgenError, PhotoError
from ..image.photo import Photo
from . import kept
from .channels import DEEP, MOVING, coloured, values_of
from .formats import SUFFIXES
from .metadata import append_directories, jpeg_segments, png_chunks, tiff_tags
from .parts import exif, png
from .saving import replacing
from .settled import settled, stripped
from .values import to_srgb

OPAQUE = {"JPEG": "no transparency", "GIF": "no half transparency"}
CARRIERS = ("PNG", "TIFF", "JPEG")  # hold a recipe
RECIPE_LIMIT = 48_000_000  # Pillow opens no PNG whose texts have more than 64 MiB
RECIPE_LARGE = 8_000_000  # from here on the user should know
FRAME = 80  # milliseconds, 12.5 frames a second: a GIF counts in hundredths of a second


def write(photo: Photo, path: Path, *, quality: int = 95, metadata: bool = True, shown: str = "") -> Path:
    """Save a photo, whole or not at all; see `imgen.io.saving.replacing`.

    Args:
        photo: what to save.
        path: where to.
        quality: 1..100 for JPEG and WebP.
        metadata: False leaves it out.
        shown: what errors and notes call the file, where it will become another.

    Raises:
        PhotoError: unknown suffix, a quality out of range, alpha in a JPEG or GIF, a size that the format cannot hold,
            a read-only target, or a folder that cannot be written to.
    """
    suffix, shown = path.suffix.lower(), shown or str(path)
    if suffix not in SUFFIXES:
        raise PhotoError(f"{shown}: cannot save {suffix or 'without a suffix'}; use {', '.join(SUFFIXES)}")
    if not 1 <= quality <= 100:
        raise PhotoError(f"{shown}: the quality must be a number from 1 to 100 (got {quality})")
    if not metadata:
        photo = stripped(photo)
    form = SUFFIXES[suffix]
    check_fits(photo, shown, form)
    values, profile = values_of(photo, form)
    photo = photo.replace(icc=profile, recipe=recipe_for(photo, form))
    encode = ENCODERS[form]
    try:
        with replacing(path) as part:
            encode(photo, values, part, quality)
    except (MemoryError, ImgenError):
        raise
    except OSError as error:  # its own text would name the unfinished file
        raise PhotoError(f"cannot write {shown}: {error.strerror or error}") from error
    except Exception as error:  # encoders raise whatever they like for what they cannot hold
        raise PhotoError(f"cannot write {shown}: {error}") from error
    return path.resolve()


def recipe_for(photo: Photo, form: str) -> str | None:
    """The recipe's text for a format that can carry it, made now and not before.

    A recipe that cannot be made, or is larger than readers take, is left out with a note: the picture matters more.
    """
    if form not in CARRIERS or not photo.has_recipe:
        return None
    try:
        text = photo.recipe or ""
    except ImgenError as error:
        note(f"the recipe is left out: {error}")
        return None
    if len(text) > RECIPE_LIMIT:
        note(f"the recipe is left out: with its pictures it has {in_megabytes(text)}; save it beside as JSON")
        return None
    if len(text) > RECIPE_LARGE:
        note(f"the recipe inside holds {in_megabytes(text)} of pictures; save without metadata to leave it out")
    return text


def in_megabytes(text: str) -> str:
    """A text's size for people."""
    return f"{len(text) / 1e6:.0f} MB"


def check_fits(photo: Photo, shown: str, form: str) -> None:
    """Refuse what the format would lose for good; mention what it loses a little."""
    title = kept.NAMES.get(form, form)  # in notes, which are told once for many photos
    if form in OPAQUE and photo.alpha is not None and photo.alpha.min() < 1:
        raise PhotoError(f"{shown}: {form} has {OPAQUE[form]}; save as .png, .tif or .webp, or add the step flatten")
    limit = {"JPEG": 65500, "WEBP": 16383, "GIF": 65535}.get(form, 2**31)
    if max(photo.width, photo.height) > limit:
        raise PhotoError(f"{shown}: {form} holds at most {limit} pixels a side; save as .png or .tif")
    if photo.frames is not None and form not in MOVING:
        note(f"a {title} holds the first of {len(photo.frames)} frames; save as .gif, .webp or .png to see them move")
    if photo.depth == 16 and photo.frames is not None and form in MOVING:
        note(f"a {title} has 8 bits a channel, as all animations; the photo had 16")
    elif photo.depth == 16 and form not in DEEP:
        note(f"a {title} has 8 bits a channel, the photo had 16; save as .png or .tif to keep them")
    if form == "WEBP" and photo.has_recipe:
        note("WebP files carry no recipe; save it beside as JSON")
    if form == "GIF":
        note("a GIF has 256 colours and carries no metadata and no recipe; .png keeps them")
    elif lost := kept.losses(photo, form):
        note(f"{title} files cannot hold: {', '.join(lost)}")


def encode_png(photo: Photo, values: NDArray[Any], path: Path, quality: int) -> None:
    """8 or 16 bits; Pillow cannot write 16-bit colour, so the chunks around the pixels are set here."""
    import imagecodecs

    photo = settled(photo, "image/png")
    data = animated_png(values) if values.ndim == 4 else imagecodecs.png_encode(values, level=6)
    chunks = png.chunk_bytes(png_chunks(photo))
    path.write_bytes(data[:33] + chunks + data[33:])  # 8 bytes signature and 25 of IHDR come first


def animated_png(values: NDArray[Any]) -> bytes:
    """(N, H, W, C) bytes as an animated PNG (APNG), which shows its first frame where it is taken for a plain one."""
    first, *rest = pictures(values)
    file = io.BytesIO()
    first.save(file, "PNG", **animation(rest))
    return file.getvalue()


def encode_tiff(photo: Photo, values: NDArray[Any], path: Path, quality: int) -> None:
    """Deflate with a predictor, lossless."""
    import tifffile

    photo = settled(photo, "image/tiff")
    tags, nested = tiff_tags(photo)
    photometric = "minisblack" if values.ndim == 2 or values.shape[2] < 3 else "rgb"
    with path.open("w+b") as file:  # given the path, tifffile would look through links for a name to write to
        tifffile.imwrite(
            file,
            values,
            photometric=photometric,
            planarconfig="contig" if values.ndim == 3 else None,
            extrasamples=["unassalpha"] if photo.alpha is not None else None,
            compression="zlib",
            predictor=True,
            iccprofile=photo.icc,
            resolution=photo.dpi,
            resolutionunit="INCH" if photo.dpi else None,
            metadata=None,
            software=False,
            extratags=[(entry.tag, entry.kind, entry.count, entry.data, True) for entry in tags],
            byteorder="<",  # as the tags are
        )
    append_directories(path, nested)


def encode_jpeg(photo: Photo, values: NDArray[Any], path: Path, quality: int) -> None:
    """Without chroma subsampling: an edit should not cost colour resolution."""
    file = opaque(Pillow.fromarray(values))
    photo = settled(photo, "image/jpeg")
    more = options(photo)
    if len(photo.exif or b"") > EXIF_LIMIT:
        note("the EXIF data is larger than a JPEG can hold and was left out; save as .png or .tif")
        del more["exif"]
    file.save(path, "JPEG", quality=quality, subsampling=0, extra=jpeg_segments(photo), **more)


def encode_webp(photo: Photo, values: NDArray[Any], path: Path, quality: int) -> None:
    """Quality 100 is lossless."""
    first, *rest = [file.convert("RGB" if photo.alpha is None else "RGBA") for file in pictures(values)]
    photo = settled(photo, "image/webp")
    if photo.icc and photo.icc[16:20] == b"GRAY":
        photo = photo.replace(icc=coloured(photo.icc))  # a WebP always holds colour
    if photo.dpi:
        photo = photo.replace(exif=exif.with_resolution(photo.exif, photo.dpi))
    more = options(photo) | ({"xmp": photo.xmp} if photo.xmp else {}) | animation(rest)
    first.save(path, "WEBP", quality=quality, lossless=quality == 100, exact=True, method=4, **more)


def encode_gif(photo: Photo, values: NDArray[Any], path: Path, quality: int) -> None:
    """A palette for each frame. A GIF holds no profile, so the colours become sRGB's."""
    first, *rest = [paletted(opaque(file), photo.icc) for file in pictures(values)]
    first.save(path, "GIF", **animation(rest))


def paletted(file: Pillow.Image, icc: bytes | None) -> Pillow.Image:
    """RGB with 256 colours and dithering; grey without a profile stays as it is."""
    if icc:
        file = to_srgb(file if icc[16:20] == b"GRAY" else file.convert("RGB"), icc)
    if file.mode == "L":
        return file
    # an octree's palette keeps rare colours better than a median cut's and takes a tenth of the time;
    # Pillow dithers only towards a palette that it is given
    palette = file.quantize(256, Pillow.Quantize.FASTOCTREE)
    return file.quantize(palette=palette, dither=Pillow.Dither.FLOYDSTEINBERG)


def pictures(values: NDArray[Any]) -> list[Pillow.Image]:
    """One still, or the frames of an animation, (N, H, W, C), for Pillow."""
    return [Pillow.fromarray(one) for one in (values if values.ndim == 4 else values[None])]


def opaque(file: Pillow.Image) -> Pillow.Image:
    """The same without alpha."""
    return file.convert(file.mode.removesuffix("A")) if file.mode.endswith("A") else file


def animation(rest: list[Pillow.Image]) -> dict[str, Any]:
    """What Pillow takes to write more than one frame, again and again; nothing for a still."""
    return {"save_all": True, "append_images": rest, "duration": FRAME, "loop": 0} if rest else {}


EXIF_LIMIT = 65_500  # a JPEG segment holds 65,533 bytes


def options(photo: Photo) -> dict[str, Any]:
    """What JPEG and WebP take alike."""
    return {k: v for k, v in (("icc_profile", photo.icc), ("exif", photo.exif), ("dpi", photo.dpi)) if v}


ENCODERS: dict[str, Callable[[Photo, NDArray[Any], Path, int], None]] = {
    "PNG": encode_png,
    "TIFF": encode_tiff,
    "JPEG": encode_jpeg,
    "WEBP": encode_webp,
    "GIF": encode_gif,
}

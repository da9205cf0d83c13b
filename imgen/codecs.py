"""Read and write picture files without losing anything that the format can hold."""

from __future__ import annotations

import os
import re
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageCms, UnidentifiedImageError

from .context import note
from .errors import PhotoError
from .metadata import RECIPE, app_segments, png_chunks, read_recipe, tiff_tags, upright_exif
from .photo import Photo, as_float, as_integers

FORMATS = {".jpg": "JPEG", ".jpeg": "JPEG", ".png": "PNG", ".tif": "TIFF", ".tiff": "TIFF", ".webp": "WEBP"}
NEEDS_CONVERSION = {"CMYK", "LAB", "YCbCr", "HSV"}


def read(path: Path) -> Photo:
    """Open a picture file as a Photo: orientation applied, 16 bits kept, profile and EXIF carried along.

    Raises:
        PhotoError: missing, empty, damaged, more than 179 megapixels, or no JPEG, PNG, TIFF or WebP.
    """
    check_readable(path)
    try:
        with warnings.catch_warnings():
            # Pillow warns from 89 megapixels on and refuses from 179 on; large scans are welcome here.
            warnings.simplefilter("ignore", Pillow.DecompressionBombWarning)
            with Pillow.open(path) as file:
                return from_pillow(file, path)
    except UnidentifiedImageError as error:
        if path.read_bytes()[:4] in (b"II*\0", b"MM\0*"):
            return from_tifffile(path)
        raise PhotoError(f"{path} is not a picture that imgen reads (JPEG, PNG, TIFF or WebP)") from error
    except Pillow.DecompressionBombError as error:
        raise PhotoError(f"{path} claims more than 179 megapixels; scale it down or cut it first") from error
    except (OSError, SyntaxError, ValueError, EOFError) as error:  # Pillow raises all of these for damaged files
        raise PhotoError(f"{path} is damaged and cannot be read: {error}") from error


def check_readable(path: Path) -> None:
    """Say plainly what is wrong with a path before a decoder guesses."""
    if not path.exists():
        raise PhotoError(f"{path} does not exist")
    if path.is_dir():
        raise PhotoError(f"{path} is a folder, not a picture; name the files in it")
    if path.stat().st_size == 0:
        raise PhotoError(f"{path} is empty")


def from_pillow(file: Pillow.Image, path: Path) -> Photo:
    """An opened file as a Photo."""
    if file.format not in FORMATS.values():
        raise PhotoError(f"{path} is a {file.format} file; imgen reads JPEG, PNG, TIFF and WebP")
    if getattr(file, "n_frames", 1) > 1:
        note(f"{path.name} holds {getattr(file, 'n_frames', 1)} pictures; the first is used")
    info: dict[str, Any] = {str(k): v for k, v in file.info.items()}
    values = deep_values(path, file)
    icc: bytes | None = info.get("icc_profile") or None
    if values is None:
        values, icc = shallow_values(file, icc)
    orientation, exif, xmp = upright_exif(file, info.get("xmp"))
    return assemble(
        turned(values, orientation),
        icc=icc,
        exif=exif,
        xmp=xmp,
        dpi=info.get("dpi"),
        text={k: str(v) for k, v in getattr(file, "text", {}).items() if k not in (RECIPE, XMP_KEY)},
        recipe=read_recipe(file),
        source=path,
    )


def assemble(values: NDArray[Any], **more: Any) -> Photo:
    """A Photo from grey, grey+alpha, RGB or RGBA values of 8 or 16 bits."""
    channels = 1 if values.ndim == 2 else values.shape[2]
    alpha = as_float(np.ascontiguousarray(values[..., -1])) if channels in (2, 4) else None
    colours = values[..., None] if values.ndim == 2 else values[..., : 1 if channels < 3 else 3]
    pixels = as_float(np.broadcast_to(colours, (*values.shape[:2], 3)))
    return Photo(pixels, alpha=alpha, depth=16 if values.dtype == np.uint16 else 8, grey=channels < 3, **more)


XMP_KEY = "XML:com.adobe.xmp"


def deep_values(path: Path, file: Pillow.Image) -> NDArray[np.uint16] | None:
    """The 16-bit values of a PNG or TIFF, which Pillow would cut to 8 bits; None for any other file."""
    if file.format == "PNG" and path.read_bytes()[24:25] == b"\x10":
        import imagecodecs

        try:
            return imagecodecs.png_decode(path.read_bytes())
        except imagecodecs.PngError as error:
            raise PhotoError(f"{path} is damaged and cannot be read: {error}") from error
    if file.format == "TIFF":
        import tifffile

        with tifffile.TiffFile(path) as tiff:
            page: Any = tiff.pages.first
            if page.dtype == np.uint16 and page.photometric.name in ("RGB", "MINISBLACK") and page.ndim in (2, 3):
                values = page.asarray()
                planar = values.ndim == 3 and page.planarconfig == tifffile.PLANARCONFIG.SEPARATE
                return np.moveaxis(values, 0, 2) if planar else values
            if page.dtype.name not in ("uint8", "bool"):
                raise PhotoError(f"{path} holds {page.dtype} {page.photometric.name} values; save it with 8 or 16 bits")
    return None


def from_tifffile(path: Path) -> Photo:
    """A TIFF that Pillow does not know, such as 16-bit grey with alpha; without EXIF.

    Raises:
        PhotoError: tifffile cannot read it either.
    """
    import tifffile

    try:
        with tifffile.TiffFile(path) as tiff:
            page: Any = tiff.pages.first
            values, tags = page.asarray(), page.tags
            icc = tags[34675].value if 34675 in tags else None
            orientation = int(tags[274].value) if 274 in tags else 1
    except Exception as error:  # tifffile lets whatever its codecs raise through
        raise PhotoError(f"{path} is damaged and cannot be read: {error}") from error
    if values.dtype.name not in ("uint8", "uint16") or values.ndim not in (2, 3) or values.shape[-1] > 4:
        raise PhotoError(f"{path} holds {values.dtype} values of shape {values.shape}; save it with 8 or 16 bits")
    return assemble(turned(values, orientation), icc=icc, source=path)


def shallow_values(file: Pillow.Image, icc: bytes | None) -> tuple[NDArray[Any], bytes | None]:
    """8-bit values as grey, grey+alpha, RGB or RGBA, and the profile that now describes them."""
    mode = file.mode
    if mode in NEEDS_CONVERSION:
        note(f"converted from {mode} to sRGB, in which imgen works")
        return np.asarray(to_srgb(file, icc)), srgb_profile()
    if mode in ("P", "PA"):
        file = file.convert("RGBA" if "transparency" in file.info or mode == "PA" else "RGB")
    elif mode in ("RGB", "L") and "transparency" in file.info:
        file = file.convert("RGBA" if mode == "RGB" else "LA")
    elif mode in ("1", "La", "RGBa", "RGBX"):
        file = file.convert({"1": "L", "La": "LA", "RGBa": "RGBA", "RGBX": "RGB"}[mode])
    elif mode not in ("L", "LA", "RGB", "RGBA", "I;16"):
        raise PhotoError(f"pictures with {mode} values cannot be edited; save it with 8 or 16 bits a channel")
    return np.asarray(file), icc


def to_srgb(file: Pillow.Image, icc: bytes | None) -> Pillow.Image:
    """Convert CMYK, Lab and the like, by the file's own profile where it has one."""
    import io

    if icc:
        try:
            profile = ImageCms.ImageCmsProfile(io.BytesIO(icc))
            done = ImageCms.profileToProfile(file, profile, ImageCms.createProfile("sRGB"), outputMode="RGB")
        except ImageCms.PyCMSError as error:
            note(f"the file's colour profile cannot be used ({error}); colours may be off")
        else:
            if done is not None:
                return done
    if file.mode == "LAB":
        lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
        done = ImageCms.profileToProfile(file, lab, srgb, outputMode="RGB")
        return done if done is not None else file.convert("RGB")
    return file.convert("RGB")


def srgb_profile() -> bytes:
    """The ICC profile of sRGB."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def turned(values: NDArray[Any], orientation: int) -> NDArray[Any]:
    """Apply an EXIF orientation, 1..8, to (H, W) or (H, W, C)."""
    if orientation >= 5:
        values = values.swapaxes(0, 1)
    vertical = orientation in (3, 4, 7, 8)
    horizontal = orientation in (2, 3, 6, 7)
    return values[:: -1 if vertical else 1, :: -1 if horizontal else 1]


def write(photo: Photo, path: Path, *, quality: int = 95, metadata: bool = True) -> Path:
    """Save a photo to a temporary file beside `path`, then rename it, so that nothing half-written remains.

    Raises:
        PhotoError: unknown suffix, alpha in a JPEG, a size that the format cannot hold, or a folder that
            cannot be written to.
    """
    suffix = path.suffix.lower()
    if suffix not in FORMATS:
        raise PhotoError(f"{path}: cannot save {suffix or 'without a suffix'}; use {', '.join(FORMATS)}")
    if not metadata:
        photo = photo.replace(exif=None, xmp=None, text={}, recipe=None)
    form = FORMATS[suffix]
    check_fits(photo, path, form)
    values, profile = channels_of(photo, photo.depth if form in ("PNG", "TIFF") else 8)
    photo = photo.replace(icc=profile)
    encode = ENCODERS[form]
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.stem}-", suffix=suffix, dir=path.parent)
    except OSError as error:
        raise PhotoError(f"cannot write to {path.parent}: {error.strerror}; choose another output folder") from error
    os.close(handle)
    part = Path(name)
    try:
        encode(photo, values, part, quality)
        part.chmod(0o666 & ~current_umask())
        part.replace(path)
    except OSError as error:
        raise PhotoError(f"cannot write {path}: {error}") from error
    finally:
        part.unlink(missing_ok=True)
    return path


def current_umask() -> int:
    """The process's umask; mkstemp's files are private, a saved picture should be as any other file."""
    mask = os.umask(0)
    os.umask(mask)
    return mask


def check_fits(photo: Photo, path: Path, form: str) -> None:
    """Refuse what the format would lose for good; mention what it loses a little."""
    if form == "JPEG" and photo.alpha is not None and photo.alpha.min() < 1:
        raise PhotoError(f"{path}: JPEG has no transparency; save as .png, .tif or .webp, or add the step flatten")
    limit = {"JPEG": 65535, "WEBP": 16383}.get(form, 2**31)
    if max(photo.width, photo.height) > limit:
        raise PhotoError(f"{path}: {form} holds at most {limit} pixels a side; save as .png or .tif")
    if photo.depth == 16 and form in ("JPEG", "WEBP"):
        note(f"{path.name} has 8 bits a channel, the photo had 16; save as .png or .tif to keep them")


def channels_of(photo: Photo, depth: int) -> tuple[NDArray[Any], bytes | None]:
    """The values to write, with as many channels as the picture needs, and the profile that fits them."""
    grey = photo.grey and is_grey(photo)
    colours = as_integers(photo.pixels[..., :1] if grey else photo.pixels, depth)
    if photo.alpha is not None:
        colours = np.concatenate([colours, as_integers(photo.alpha, depth)[..., None]], 2)
    if colours.shape[2] == 1:
        colours = colours[..., 0]
    profile = photo.icc
    if profile is not None and profile[16:20] == b"GRAY" and not grey:
        profile = srgb_profile()  # the picture has gained colour, which a grey profile cannot describe
    return colours, profile


def is_grey(photo: Photo) -> bool:
    """Whether red, green and blue are equal everywhere."""
    p = photo.pixels
    return all(
        np.array_equal(p[y : y + 256, :, 0], p[y : y + 256, :, c]) for y in range(0, len(p), 256) for c in (1, 2)
    )


def encode_png(photo: Photo, values: NDArray[Any], path: Path, quality: int) -> None:
    """8 or 16 bits; Pillow cannot write 16-bit colour, so the chunks around the pixels are set here."""
    import imagecodecs

    data = imagecodecs.png_encode(values, level=6)
    path.write_bytes(data[:33] + png_chunks(photo) + data[33:])  # 8 bytes signature and 25 of IHDR come first


def encode_tiff(photo: Photo, values: NDArray[Any], path: Path, quality: int) -> None:
    """Deflate with a predictor, lossless."""
    import tifffile

    tags, finish = tiff_tags(photo)
    photometric = "minisblack" if values.ndim == 2 or values.shape[2] < 3 else "rgb"
    tifffile.imwrite(
        path,
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
        extratags=tags,
    )
    finish(path)


def encode_jpeg(photo: Photo, values: NDArray[Any], path: Path, quality: int) -> None:
    """Without chroma subsampling: an edit should not cost colour resolution."""
    opaque = values[..., 0] if values.ndim == 3 and values.shape[2] == 2 else values[..., :3]
    options = common_options(photo) | {"xmp": photo.xmp} if photo.xmp else common_options(photo)
    file = Pillow.fromarray(np.ascontiguousarray(values if values.ndim == 2 else opaque))
    file.save(path, "JPEG", quality=quality, subsampling=0, extra=app_segments(photo), **options)


def encode_webp(photo: Photo, values: NDArray[Any], path: Path, quality: int) -> None:
    """Quality 100 is lossless."""
    file = Pillow.fromarray(values).convert("RGB" if photo.alpha is None else "RGBA")
    options = common_options(photo) | ({"xmp": photo.xmp} if photo.xmp else {})
    file.save(path, "WEBP", quality=quality, lossless=quality == 100, exact=True, method=4, **options)


def common_options(photo: Photo) -> dict[str, Any]:
    """What JPEG and WebP take alike."""
    options = {"icc_profile": photo.icc, "exif": photo.exif, "dpi": photo.dpi}
    return {k: v for k, v in options.items() if v}


ENCODERS: dict[str, Callable[[Photo, NDArray[Any], Path, int], None]] = {
    "PNG": encode_png,
    "TIFF": encode_tiff,
    "JPEG": encode_jpeg,
    "WEBP": encode_webp,
}


def safe_name(name: str) -> str:
    """A file name without characters that some system refuses."""
    return re.sub(r"[^\w.-]+", "_", name).strip("._") or "photo"

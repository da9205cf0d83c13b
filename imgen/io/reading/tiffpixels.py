"""The pixels of one page of a TIFF file as values that a Photo can hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from ...contract.context import note
from ...errors import PhotoError
from ..values import check_size

CONVERTED = {"SEPARATED": "CMYK", "CIELAB": "LAB", "ICCLAB": "LAB"}
FEW_READ = {"WEBP", "JPEGXL", "LERC", "ZSTD", "LZMA", "JPEG_2000_LOSSY", "APERIO_JP2000_RGB", "PNG"}


def page_values(page: Any, path: Path) -> NDArray[Any] | Pillow.Image:
    """One page as (H, W), (H, W, 2), (H, W, 3) or (H, W, 4) of 8 or 16 bits, alpha last and not premultiplied; as a
    Pillow picture where its colours (CMYK, Lab) must be converted.

    Args:
        page: tifffile's TiffPage.
        path: the file, for messages.

    Raises:
        PhotoError: values or a compression that imgen cannot read, or a decompression bomb.
    """
    check_page(page, path)
    values = decoded(page, path)
    if values.ndim == 3 and page.planarconfig == 2 and page.samplesperpixel > 1:  # channels after each other
        values = np.moveaxis(values, 0, 2)
    if values.ndim not in (2, 3):
        raise PhotoError(f"{path} holds values of the shape {values.shape}; save it as one flat picture")
    kind = photometric(page)
    if kind == "PALETTE":
        return looked_up(values, page)
    values = whole_bits(values, page)
    if kind in CONVERTED:
        return as_pillow(values, kind, path)
    if kind == "MINISWHITE":
        values = inverted(values)
    if kind == "YCBCR" and compression(page) not in ("JPEG", "WEBP", "JPEGXL"):  # which give RGB
        return np.asarray(Pillow.fromarray(values, "YCbCr").convert("RGB"))
    return channels(values, page, path)


def photometric(page: Any) -> str:
    """RGB, MINISBLACK and so on."""
    return getattr(page.photometric, "name", str(page.photometric))


def compression(page: Any) -> str:
    """DEFLATE, JPEG and so on, or the tag's number."""
    return getattr(page.compression, "name", str(page.compression))


def check_page(page: Any, path: Path) -> None:
    """Say what is unsupported before anything is decoded.

    Raises:
        PhotoError: see `page_values`.
    """
    check_size(page.imagewidth, page.imagelength, path)
    if not page.imagewidth * page.imagelength:
        raise PhotoError(f"{path} is damaged and cannot be read: it holds no picture")
    if page.imagedepth > 1:
        raise PhotoError(f"{path} holds a volume of {page.imagedepth} slices; save one slice as a picture")
    dtype = page.dtype
    if dtype is not None and dtype.kind == "f":
        raise PhotoError(f"{path} holds {dtype.name} values (floating point); save it with 16 whole bits a channel")
    if dtype is None or dtype.name not in ("uint8", "uint16", "bool"):
        kind = dtype.name if dtype is not None else f"{page.bitspersample}-bit"
        raise PhotoError(f"{path} holds {kind} values; save it with 8 or 16 whole bits a channel")
    kind = photometric(page)
    if kind not in ("RGB", "MINISBLACK", "MINISWHITE", "PALETTE", "YCBCR", *CONVERTED):
        raise PhotoError(f"{path} is a {kind} picture; convert it to RGB or grey")


def decoded(page: Any, path: Path) -> NDArray[Any]:
    """The values as they are stored.

    Raises:
        PhotoError: a compression that cannot be read, or damaged data.
    """
    codec = compression(page)
    if "JPEG" in codec and cut_off(page):  # its decoder fills what is missing with grey
        raise PhotoError(f"{path} is damaged and cannot be read: it ends in the middle of the picture")
    try:
        values: NDArray[Any] = page.asarray()
    except PhotoError:
        raise
    except MemoryError:
        raise
    except Exception as error:  # tifffile lets whatever its codecs raise through
        text = str(error)
        if any(words in text for words in ("not supported", "requires", "not a known COMPRESSION", "not implemented")):
            raise PhotoError(
                f"{path} is a TIFF compressed with {codec}, which imgen cannot read ({text}); "
                f"save it with Deflate, LZW or no compression"
            ) from error
        raise PhotoError(f"{path} is damaged and cannot be read: {error}") from error
    if codec in FEW_READ:
        note(f"{path.name} is compressed with {codec}, which few programs read; TIFF files are saved with Deflate")
    return values


def cut_off(page: Any) -> bool:
    """Whether the file ends before the page's strips or tiles do."""
    size = page.parent.filehandle.size
    return any(place + length > size for place, length in zip(page.dataoffsets, page.databytecounts, strict=False))


def whole_bits(values: NDArray[Any], page: Any) -> NDArray[Any]:
    """Values of 1 to 7 bits stretched to 8, of 9 to 15 to 16."""
    bits = page.bitspersample if isinstance(page.bitspersample, int) else page.bitspersample[0]
    if values.dtype == np.bool_:
        return values.astype(np.uint8) * np.uint8(255)
    full = 8 * values.dtype.itemsize
    if bits == full:
        return values
    top = np.iinfo(values.dtype).max
    return np.rint(values.astype(np.float32) * (top / (2**bits - 1))).astype(values.dtype)


def looked_up(values: NDArray[Any], page: Any) -> NDArray[np.uint8]:
    """Colours of a palette, whose entries have 16 bits, or 8 in files of old programs."""
    palette = np.asarray(page.colormap)
    if values.ndim == 3:
        values = values[..., 0]
    table = palette.T if palette.max() < 256 else palette.T >> 8
    return table.astype(np.uint8)[np.minimum(values.astype(np.intp), len(table) - 1)]


def inverted(values: NDArray[Any]) -> NDArray[Any]:
    """White is 0: the first channel is turned round, alpha is not."""
    top = np.iinfo(values.dtype).max
    if values.ndim == 2:
        return top - values
    return np.concatenate([top - values[..., :1], values[..., 1:]], 2)


def as_pillow(values: NDArray[Any], kind: str, path: Path) -> Pillow.Image:
    """CMYK or Lab for Pillow, which has them with 8 bits."""
    mode = CONVERTED[kind]
    count = 4 if mode == "CMYK" else 3
    if values.ndim != 3 or values.shape[2] < count:
        raise PhotoError(f"{path} is a {kind} picture with too few channels; convert it to RGB")
    if values.shape[2] > count:
        note(f"{path.name} has channels beside {mode}; they were left out")
    values = values[..., :count]
    if values.dtype == np.uint16:
        note(f"{path.name} has 16 bits of {mode}, of which 8 are read; convert it to RGB elsewhere to keep them")
        values = (values >> 8).astype(np.uint8)
    values = np.ascontiguousarray(values)
    if kind == "ICCLAB":
        values = values ^ np.array([0, 128, 128], np.uint8)  # a and b count from 128 there; Pillow takes signed ones
    return Pillow.frombytes(mode, (values.shape[1], values.shape[0]), values.tobytes())


def channels(values: NDArray[Any], page: Any, path: Path) -> NDArray[Any]:
    """Colours, and alpha if a channel is marked as that; others are left out with a note."""
    if values.ndim == 2:
        return values
    count = values.shape[2]
    colours = 3 if photometric(page) in ("RGB", "YCBCR") or count - len(page.extrasamples or ()) >= 3 else 1
    if colours == 1 and count >= 3 and photometric(page) == "MINISBLACK":
        note(f"{path.name} has {count} channels and does not say that they are colours; the first three are taken so")
        colours = 3
    if count < colours:
        raise PhotoError(f"{path} has {count} channels; convert it to RGB or grey")
    marks = [int(mark) for mark in page.extrasamples or ()]
    marks = ([0] * (count - colours - len(marks)) + marks)[-(count - colours) :] if count > colours else []
    alpha = next((i for i, mark in enumerate(marks) if mark in (1, 2)), None)
    lost = count - colours - (alpha is not None)
    if lost:
        which = {2: "a second", 4: "a fourth"}.get(count, "a further")
        several = f"{lost} channels beside the colours and transparency; they were left out"
        single = f"{which} channel that is not marked as transparency; it was left out"
        note(f"{path.name} has {single if lost == 1 else several}")
    if alpha is None:
        return values[..., 0] if colours == 1 else values[..., :3]
    shown, cover = values[..., :colours], values[..., colours + alpha, None]
    if marks[alpha] == 1:  # premultiplied
        shown = divided(shown, cover)
    return np.concatenate([shown, cover], 2)


def divided(colours: NDArray[Any], alpha: NDArray[Any]) -> NDArray[Any]:
    """Premultiplied colours divided by alpha."""
    top = np.iinfo(colours.dtype).max
    part = alpha.astype(np.float64) / top
    return np.minimum(colours / np.maximum(part, 1e-9), top).round().astype(colours.dtype)

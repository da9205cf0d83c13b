"""Pictures inside recipes: PNG as a data URL, exact, and nothing else; bounded before anything is decoded."""

from __future__ import annotations

import base64
import binascii
import io
import struct
import threading
from collections import OrderedDict
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from ..image.digests import digest
from ..image.levels import as_float, as_integers

DATA = "data:image/png;base64,"
SIGNATURE = b"\x89PNG\r\n\x1a\n"
PICTURE_PIXELS = 64_000_000  # of one embedded picture
RECIPE_PIXELS = 256_000_000  # of all in one recipe
KEPT_TEXT = 64_000_000  # characters of encoded pictures that are kept for the next time
LEVEL = 2  # of deflate: a sixth of the time of level 6, and 6 % more bytes


def claimed_pixels(text: str) -> int:
    """How many pixels an embedded picture has, by its header; nothing is decoded.

    Raises:
        ValueError: it is no PNG, or has more than `PICTURE_PIXELS`; the text is for the user.
    """
    try:
        head = base64.b64decode(text[len(DATA) : len(DATA) + 44], validate=True)
    except (binascii.Error, ValueError):
        head = b""
    if not text.startswith(DATA) or head[:8] != SIGNATURE or head[12:16] != b"IHDR" or len(head) < 33:
        raise ValueError("is no PNG; recipes carry pictures as PNG only")
    width, height = struct.unpack(">II", head[16:24])
    if not 0 < width * height <= PICTURE_PIXELS:
        raise ValueError(
            f"has {width}x{height} pixels; recipes carry pictures of up to {PICTURE_PIXELS // 10**6} megapixels"
        )
    return width * height


def decode(text: str) -> NDArray[Any]:
    """An embedded picture as uint8 or uint16, (H, W), (H, W, 3) or (H, W, 4) with alpha.

    Raises:
        ValueError: as for `claimed_pixels`, or it is damaged; the text is for the user.
    """
    claimed_pixels(text)
    try:
        data = base64.b64decode(text[len(DATA) :], validate=True)
        return deep(data) if data[24] == 16 else shallow(data)
    except MemoryError:
        raise
    except Exception as error:  # decoders raise whatever they like for damaged files, with memory addresses in it
        raise ValueError("is damaged; save the recipe again") from error


def deep(data: bytes) -> NDArray[Any]:
    """A PNG of 16 bits a channel, which Pillow would cut to 8."""
    import imagecodecs

    values = imagecodecs.png_decode(data)
    if values.ndim == 3 and values.shape[2] == 2:  # grey with alpha
        return np.ascontiguousarray(values[..., [0, 0, 0, 1]])
    return values[..., 0] if values.ndim == 3 and values.shape[2] == 1 else values


def shallow(data: bytes) -> NDArray[Any]:
    """A PNG of up to 8 bits a channel."""
    with Pillow.open(io.BytesIO(data), formats=["PNG"]) as file:
        clear = file.mode in ("LA", "RGBA", "PA") or "transparency" in file.info
        mode = "RGBA" if clear else {"1": "L", "L": "L"}.get(file.mode, "RGB")
        return np.asarray(file if file.mode == mode else file.convert(mode))


def exact_levels(array: NDArray[Any]) -> NDArray[Any]:
    """A picture as the fewest bits that hold it: uint8 where that is exact, else the array itself."""
    if array.dtype == np.uint8:
        return array
    levels = as_integers(array, 8)
    for y in range(0, len(array), 256):
        if not np.array_equal(as_float(levels[y : y + 256]), array[y : y + 256]):
            return array
    levels.flags.writeable = False
    return levels


def encode(array: NDArray[Any]) -> str:
    """A picture, (H, W) or (H, W, 3), float32 in 0..1 or uint8, as a data URL; 16 bits where 8 would not be exact.

    The texts used last are kept, so that a picture is encoded once for many photos.
    """
    import imagecodecs

    key = digest(array)
    text = _texts.get(key)
    if text is None:
        levels = exact_levels(array)
        levels = levels if levels.dtype == np.uint8 else as_integers(levels, 16)
        if levels.ndim == 3 and all(np.array_equal(levels[..., 0], levels[..., c]) for c in (1, 2)):
            levels = levels[..., 0]
        data = imagecodecs.png_encode(np.ascontiguousarray(levels), level=LEVEL)
        text = DATA + base64.b64encode(data).decode()
        _texts.put(key, text)
    return text


class Texts:
    """Encoded pictures by the hash of what they show, together at most `limit` characters. Safe between threads."""

    def __init__(self, limit: int = KEPT_TEXT) -> None:
        self.limit = limit
        self._kept: OrderedDict[str, str] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: str) -> str | None:
        """The text kept under that key."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def put(self, key: str, text: str) -> None:
        """Keep a text; those used longest ago go. One larger than the limit is not kept."""
        if len(text) > self.limit:
            return
        with self._lock:
            self._kept[key] = text
            while sum(map(len, self._kept.values())) > self.limit:
                self._kept.popitem(last=False)


_texts = Texts()

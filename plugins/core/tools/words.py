"""Words on the picture."""

from __future__ import annotations

import io
from importlib.resources import files
from typing import Annotated, Any

import numpy as np
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont
from pydantic import Field

from imgen.contract.arrays import Array
from imgen.contract.attached import File
from imgen.contract.context import note
from imgen.contract.declaration import tool
from imgen.contract.kinds import Image
from imgen.contract.places import Colour
from imgen.errors import ParameterError

from .selections import Share

Font = ImageFont.FreeTypeFont

LETTERS = "files/SourceSansPro-Semibold.ttf"  # of the package font-source-sans-pro (SIL Open Font License 1.1)
NOBODYS = "\ue000"  # a character that no font has: what it is drawn as stands for all that are missing

Words = Annotated[str, Field(min_length=1, max_length=2000, description="What to write; a line break begins a line")]
Across = Annotated[Share, Field(description="Its middle, part of the width", json_schema_extra={"pad": "x"})]
Down = Annotated[Share, Field(description="Its middle, part of the height", json_schema_extra={"pad": "y"})]
Size = Annotated[float, Field(ge=0.01, le=1, description="Height of a line, part of the photo's")]
Letters = Annotated[bytes | None, File(".ttf", ".otf", ".ttc"), Field(description="Letters of your own")]


@tool(group="Document", synonyms=["caption", "watermark", "title", "write", "label", "copyright"])
def text(
    image: Image,
    *,
    words: Words,
    x: Across = 0.5,
    y: Down = 0.9,
    size: Size = 0.06,
    colour: Annotated[Colour, Field(description="Of the letters")] = "#ffffff",
    outline: Annotated[bool, Field(description="A dark rim around light letters, a light one around dark")] = True,
    opacity: Annotated[float, Field(ge=0, le=1, description="0 unseen, 1 solid")] = 1.0,
    font: Letters = None,
) -> Image:
    """Write on the photo, in Source Sans: Latin, Greek and Cyrillic letters; a font file brings others."""
    height, width = image.shape[:2]
    pixels = max(4, round(size * height))
    letters = loaded(font, pixels)
    refuse_missing(words, letters)
    result = image.copy()
    place = (x * width, y * height)
    if outline:
        rim = np.zeros(3, np.float32) if rgb(colour).mean() > 0.5 else np.ones(3, np.float32)
        lay(result, drawn(words, letters, place, (width, height), max(1, round(pixels / 18))), rim, 0.6 * opacity)
    lay(result, drawn(words, letters, place, (width, height), 0), rgb(colour), opacity)
    return result


def loaded(font: bytes | None, pixels: int) -> Font:
    """The letters at a size.

    Raises:
        ParameterError: the file is no font.
    """
    content = files("font_source_sans_pro").joinpath(LETTERS).read_bytes() if font is None else font
    try:
        return ImageFont.truetype(io.BytesIO(content), pixels)
    except OSError as error:
        raise ParameterError("text: font is no TrueType or OpenType file") from error


def refuse_missing(words: str, letters: Font) -> None:
    """Refuse words that would become empty boxes.

    Raises:
        ParameterError: naming the characters.
    """
    box = shape(NOBODYS, letters)
    missing = sorted({one for one in words if not one.isspace() and shape(one, letters) == box})
    if missing:
        raise ParameterError(f"text: the letters have no {' '.join(missing[:10])}; give a font=FILE that has")


def shape(character: str, letters: Font) -> bytes:
    """How a character is drawn."""
    mask: Any = letters.getmask(character)
    return bytes(mask)


def drawn(words: str, letters: Font, place: tuple[float, float], size: tuple[int, int], rim: int) -> Array:
    """Where there is ink (H, W, 1), 0..1, of words around a place."""
    page = Pillow.new("L", size)
    pen = ImageDraw.Draw(page)
    left, top, right, bottom = pen.multiline_textbbox(place, words, letters, "mm", align="center", stroke_width=rim)
    if min(left, top) < 0 or right > size[0] or bottom > size[1]:
        note("text: the words run off the photo; move them, break the line, or make size smaller")
    pen.multiline_text(place, words, 255, letters, "mm", align="center", stroke_width=rim)
    return (np.asarray(page, np.float32) / np.float32(255))[..., None]


def lay(image: Array, ink: Array, colour: Array, opacity: float) -> None:
    """Lay a colour (3,) over the picture, in place, where there is ink."""
    image += ink * np.float32(opacity) * (colour - image)


def rgb(colour: str) -> Array:
    """A colour "#rrggbb" as (3,) in 0..1."""
    return np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)], np.float32) / np.float32(255)

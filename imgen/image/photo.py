"""The photo being edited, and everything that must survive the edit."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, overload

import numpy as np

from ..contract.arrays import Array, read_only
from ..contract.kinds import Document
from ..errors import PhotoError
from .digests import digest
from .maker import Maker
from .parts import Parts

if TYPE_CHECKING:
    import PIL.Image


class Door(Protocol):
    """How photos leave and enter: the room `io` gives the photo one, so that the photo itself knows of no files."""

    def photo_from(self, picture: Any, more: dict[str, Any]) -> Photo:
        """A photo from what another library calls a picture."""
        ...

    def to_pil(self, photo: Photo) -> PIL.Image.Image:
        """The photo as a PIL image."""
        ...

    def png(self, photo: Photo) -> bytes:
        """A small copy for a page that shows it."""
        ...

    def save(self, photo: Photo, path: Path, *, quality: int, metadata: bool, overwrite: bool) -> Path:
        """Write it to a file."""
        ...


_doors: list[Door] = []


def set_door(door: Door) -> None:
    """Say how photos leave and enter."""
    _doors[:] = [door]


def door() -> Door:
    """How photos leave and enter; `imgen.io` has set it as soon as it, or `imgen.Photo`, was imported."""
    return _doors[0]


class Recipe:
    """The field `Photo.recipe`: set to a text or to what made the photo, read as the text, which is made only then."""

    @overload
    def __get__(self, photo: None, owner: type[Photo]) -> None: ...
    @overload
    def __get__(self, photo: Photo, owner: type[Photo]) -> str | None: ...
    def __get__(self, photo: Photo | None, owner: type[Photo]) -> str | None:
        given = None if photo is None else photo.__dict__["recipe"]  # None is the field's default
        return given if given is None or isinstance(given, str) else given.to_json()

    def __set__(self, photo: Photo, value: str | Maker | None) -> None:
        photo.__dict__["recipe"] = value


@dataclass(frozen=True, eq=False)
class Photo(Document):
    """A picture with its alpha, selection, colour profile, EXIF and bit depth. Never changed: edits make new ones.

    Attributes:
        pixels: float32 (H, W, 3), 0..1, in the photo's own RGB space (sRGB where there is no profile); read-only.
        alpha: float32 (H, W), 0 transparent .. 1 opaque, or None.
        selection: float32 (H, W), where the next steps act, 0 not .. 1 fully; None is everywhere.
        depth: bits a channel of the file, 8 or 16.
        grey: the file had one colour channel; it is saved so again as long as the picture stays grey.
        icc: the colour profile of `pixels`, or None.
        exif: EXIF as JPEG holds it, a TIFF block behind "Exif" and two zeros, its orientation already applied; or None.
        xmp: the XMP packet, or None.
        dpi: resolution in dots an inch, or None.
        text: text chunks of a PNG.
        recipe: the pipeline that made the picture, as JSON. A photo that comes out of a run carries the pipeline itself
            and makes the text when it is asked for it; one that comes from a file has the file's text, not looked into.
        source: the file that it came from.
        parts: what else the file held and can be carried: IPTC, comments, a PNG's colour chunks, GeoTIFF and so on.
        frames: float32 (N, H, W, 3), all pictures of an animation, of which `pixels` is the first; None for a still.
        measurements: what steps measured on it, by tool: numbers and texts by name. Files do not hold them.
    """

    pixels: Array
    alpha: Array | None = None
    selection: Array | None = None
    depth: int = 8
    grey: bool = False
    icc: bytes | None = None
    exif: bytes | None = None
    xmp: bytes | None = None
    dpi: tuple[float, float] | None = None
    text: dict[str, str] = field(default_factory=dict[str, str])
    recipe: Recipe = Recipe()
    source: Path | None = None
    parts: Parts = field(default_factory=Parts)
    frames: Array | None = None
    measurements: Mapping[str, Mapping[str, float | str]] = field(default_factory=dict[str, Mapping[str, float | str]])

    def __post_init__(self) -> None:
        """Check shapes and make the arrays read-only, so that no tool can change its input by accident."""
        if self.pixels.ndim != 3 or self.pixels.shape[2] != 3 or not self.pixels.size:
            raise PhotoError(f"a photo's pixels have the shape (H, W, 3), got {self.pixels.shape}")
        for name in ("pixels", "alpha", "selection"):
            array: Array | None = getattr(self, name)
            if array is None:
                continue
            if array.dtype != np.float32 or array.shape[:2] != self.pixels.shape[:2]:
                raise PhotoError(
                    f"the {name} must be float32 of {self.width}x{self.height}, "
                    f"got {array.dtype} {array.shape[1]}x{array.shape[0]}"
                )
            self._freeze(name, array)
        if self.frames is not None:
            self._check_frames(self.frames)
            self._freeze("frames", self.frames)

    def _freeze(self, name: str, array: Array) -> None:
        """Keep a view of the array that nobody can write through; its owner may still write to the array itself."""
        object.__setattr__(self, name, read_only(array))

    def _check_frames(self, frames: Array) -> None:
        """An animation begins with the photo's own picture."""
        if frames.dtype != np.float32 or frames.shape[1:] != self.pixels.shape or not len(frames):
            raise PhotoError(
                f"the frames must be float32 (N, {self.height}, {self.width}, 3), got {frames.dtype} {frames.shape}"
            )
        if not np.array_equal(frames[0], self.pixels):
            raise PhotoError("the pixels must be the first of the frames; with new pixels give new frames, or None")

    @classmethod
    def from_array(cls, array: Any, **more: Any) -> Photo:
        """A photo from a NumPy array, a torch tensor, a PIL image, or whatever `numpy.asarray` takes.

        Args:
            array: (H, W) or (H, W, 1) grey, (H, W, 2) grey and alpha, (H, W, 3) RGB, (H, W, 4) RGB and alpha: uint8,
                uint16, bool, or floats in 0..1; floats that leave 0..1 by at most 0.25, as after resampling, are
                clipped. A torch tensor may have any device and precision and is (C, H, W), torch's own order, or, where
                the first axis cannot be channels, (H, W, C); a batch of one is its picture. A PIL image may have
                any mode; it is turned upright, its colour profile is kept, and CMYK and the like become sRGB.
            more: other attributes of the photo, such as `icc`.

        Raises:
            PhotoError: another shape, or numbers of another range, such as floats in 0..255; the message says what to
                do.

        Example:
            >>> import numpy as np
            >>> Photo.from_array(np.zeros((2, 3, 4), np.uint8))
            <Photo 3x2, 8 bits, RGB, alpha>
        """
        return door().photo_from(array, more)

    def to_pil(self) -> PIL.Image.Image:
        """The photo as a PIL image of 8 bits: mode L, LA, RGB or RGBA, with its colour profile in `info`."""
        return door().to_pil(self)

    def _repr_png_(self) -> bytes:
        """What a notebook shows: at most 1024 pixels a side, in sRGB."""
        return door().png(self)

    def __repr__(self) -> str:
        """In a few words; the arrays would fill pages."""
        has = [
            name
            for name, there in (
                ("alpha", self.alpha is not None),
                ("selection", self.selection is not None),
                ("profile", self.icc is not None),
                (f"{0 if self.frames is None else len(self.frames)} frames", self.frames is not None),
            )
            if there
        ]
        words = [f"{self.width}x{self.height}", f"{self.depth} bits", "grey" if self.grey else "RGB", *has]
        return f"<Photo {', '.join(words)}>"

    @property
    def width(self) -> int:
        """Pixels across."""
        return self.pixels.shape[1]

    @property
    def height(self) -> int:
        """Pixels down."""
        return self.pixels.shape[0]

    @property
    def pipeline(self) -> Maker | None:
        """The pipeline of the run that it came out of; None for a photo that was opened (it may have a `recipe`)."""
        given = self.__dict__["recipe"]
        return None if isinstance(given, str) else given

    @property
    def has_recipe(self) -> bool:
        """Whether there is a recipe; cheaper than asking for its text."""
        return bool(self.__dict__["recipe"])

    @cached_property
    def fingerprint(self) -> str:
        """A hash of all that a tool can see or pass on: the arrays and the metadata, and where it came from."""
        rest = (self.pixels.shape, self.depth, self.grey, self.icc, self.exif, self.xmp, self.dpi, self.text)
        arrays = (self.pixels, self.alpha, self.selection, self.frames)
        parts = (
            *rest,
            self.source,
            self.parts,
            self.measurements,
            [None if array is None else digest(array) for array in arrays],
        )
        return hashlib.blake2b(repr(parts).encode(), digest_size=16).hexdigest()

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        """The pixels, (H, W, 3) in 0..1, for `numpy.asarray` and all that calls it."""
        return np.array(self.pixels, dtype, copy=copy)

    def replace(self, **changes: Any) -> Photo:
        """A copy with other values; arrays that are not named are shared."""
        changes.setdefault("recipe", self.__dict__["recipe"])  # not its text, which nobody asks for
        return dataclasses.replace(self, **changes)

    def save(self, path: str | Path, *, quality: int = 95, metadata: bool = True, overwrite: bool = False) -> Path:
        """Write the photo; the suffix chooses JPEG, PNG, TIFF, WebP or GIF. See `imgen.io.write`.

        Args:
            path: where to; an existing file is replaced only once the new one is complete, and keeps its permissions.
            quality: 1..100 for JPEG and WebP; 100 is lossless for WebP.
            metadata: False leaves out EXIF, XMP, IPTC, texts, tags and the recipe; colours stay what they are.
            overwrite: True allows it to replace a file that it was made from: its `source`, a second picture, a mask or
                a recipe.

        Raises:
            PhotoError: the format cannot hold the picture, the file cannot be written or is read-only, or it is one
                that the photo was made from.
        """
        return door().save(self, Path(path), quality=quality, metadata=metadata, overwrite=overwrite)

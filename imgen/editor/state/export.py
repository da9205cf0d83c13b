"""Save the result as the user wants it: format, quality, size, depth and metadata."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field, ValidationError

from ...contract.context import Context, note, using
from ...errors import ImgenError
from ...image.photo import Photo
from ...io.read import FORMATS
from .small import small_copy
from .workspace import Workspace

SUFFIXES = {"same": "", "png": ".png", "jpeg": ".jpg", "tiff": ".tif", "webp": ".webp", "gif": ".gif"}


class Options(BaseModel):
    """How to save: by default the photo's own format at its full size, with all that belongs to it."""

    format: Literal["same", "png", "jpeg", "tiff", "webp", "gif"] = "same"
    quality: int = Field(95, ge=1, le=100)
    longest: int | None = Field(None, ge=1, le=100_000)
    depth: Literal["same", "8", "16"] = "same"
    metadata: bool = True


def read_options(text: str) -> Options:
    """The options that the page sent as JSON.

    Raises:
        ImgenError: they make no sense; the message names the first one.
    """
    try:
        return Options.model_validate_json(text or "{}")
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ImgenError(f"cannot save with this {where or 'setting'}: {first['msg']}") from error


def save_result(workspace: Workspace, options: str, notes: list[str]) -> Path:
    """Write the last result into the workspace's folder, named after the photo: cat.jpg gives cat-imgen.png.

    Args:
        workspace: whose result.
        options: see `Options`, as JSON.
        notes: filled with what the format could not hold.

    Raises:
        ImgenError: there is no result yet, or the format cannot hold it.
    """
    chosen = read_options(options)
    if workspace.result is None:
        raise ImgenError("there is no result yet; run the steps first")
    with using(Context(notes=notes)):
        path = workspace.place("download", saved_name(workspace.name, chosen, workspace.result))
        return save(workspace.result, path, chosen)


def saved_name(name: str, options: Options, result: Photo) -> str:
    """The result's file name. "same" is PNG where the photo's own format has no transparency, and the result has."""
    own = own_suffix(name)
    if FORMATS[own] == "JPEG" and result.alpha is not None and result.alpha.min() < 1:
        own = ".png"
        if options.format == "same":
            note("saved as PNG, as JPEG has no transparency")
    return f"{Path(name).stem or 'picture'}-imgen{SUFFIXES[options.format] or own}"


def own_suffix(name: str) -> str:
    """The photo's own format; PNG for one that imgen only reads."""
    return suffix if (suffix := Path(name).suffix.lower()) in FORMATS else ".png"


def save(photo: Photo, path: Path, options: Options) -> Path:
    """Write a photo as the options say.

    Raises:
        ImgenError: the format cannot hold it; the message has the user's file name.
    """
    if options.longest:
        photo = small_copy(photo, options.longest)
    if options.depth != "same":
        photo = photo.replace(depth=int(options.depth))
    try:
        return photo.save(path, quality=options.quality, metadata=options.metadata)
    except ImgenError as error:
        raise ImgenError(in_users_words(error, path, path.name)) from error


def in_users_words(error: ImgenError, path: Path, name: str) -> str:
    """The error's text with the user's name for a file instead of its place on the server."""
    return str(error).replace(str(path), name).replace(str(path.parent), "the server's temporary folder")

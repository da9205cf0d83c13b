"""Save the result at its full size, in the format that the user picks."""

from __future__ import annotations

from pathlib import Path

from ..codecs import FORMATS
from ..context import Context, using
from ..errors import ImgenError
from .workspace import Workspace

CHOICES = {"same": "", "png": ".png", "jpeg": ".jpg", "tiff": ".tif", "webp": ".webp", "gif": ".gif"}


def save_result(workspace: Workspace, choice: str, notes: list[str]) -> Path:
    """Write the last result into the workspace's folder, named after the photo: cat.jpg gives cat-imgen.png.

    Args:
        workspace: whose result.
        choice: one of CHOICES.
        notes: filled with what the format could not hold.

    Raises:
        ImgenError: there is no result yet, or the format cannot hold it.
    """
    if workspace.result is None:
        raise ImgenError("there is no result yet; run the steps first")
    if choice not in CHOICES:
        raise ImgenError(f"there is no format {choice!r}; choose one of {', '.join(CHOICES)}")
    original = Path(workspace.name)
    suffix = CHOICES[choice] or (original.suffix.lower() if original.suffix.lower() in FORMATS else ".png")
    path = workspace.place("download", f"{original.stem or 'picture'}-imgen{suffix}")
    try:
        with using(Context(notes=notes)):
            return workspace.result.save(path)
    except ImgenError as error:
        raise ImgenError(in_users_words(error, path, path.name)) from error


def in_users_words(error: ImgenError, path: Path, name: str) -> str:
    """The error's text with the user's name for a file instead of its place on the server."""
    return str(error).replace(str(path), name).replace(str(path.parent), "the server's temporary folder")

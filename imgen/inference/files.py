"""Where models lie, and what their files say; whatever was read is read again once the file has changed."""

from __future__ import annotations

import hashlib
import json
import os
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import ModelError

if TYPE_CHECKING:
    from ..contract.card import Card

Stamp = tuple[int, int, int]  # a file's modification time in ns, its size, and which file it is


def shipped(plugin: str) -> Path:
    """The folder of a plugin's models that come with imgen."""
    return Path(str(files("imgen_exports"))) / plugin


def user_folder() -> Path:
    """Where the models of the user are: $IMGEN_MODELS, or "imgen/models" in the user's data folder.

    That folder is what the system has for it (on Linux ~/.local/share, or $XDG_DATA_HOME).
    """
    given = os.environ.get("IMGEN_MODELS")
    if given:
        return Path(given)
    from platformdirs import user_data_path

    folder = user_data_path("imgen", appauthor=False) / "models"
    base = os.environ.get("LOCALAPPDATA" if os.name == "nt" else "XDG_DATA_HOME")
    earlier = (Path(base) if base else Path.home() / ".local" / "share") / "imgen" / "models"  # on every system
    return earlier if earlier.is_dir() and not folder.is_dir() else folder


def fetched(name: str, checksum: str) -> Path:
    """Where the file of a model that lives at a URL is kept. Its name has the checksum: a new one is another file.

    So deep below the user's folder no model is looked for.
    """
    plugin, _, model = name.partition("/")
    return user_folder() / ".fetched" / plugin / f"{model}-{checksum[:16]}.onnx"


def stamp(file: Path) -> Stamp:
    """What differs once a file was changed or replaced.

    Raises:
        OSError: it is not there.
    """
    about = file.stat()
    return about.st_mtime_ns, about.st_size, about.st_ino


def card_of(file: Path) -> tuple[dict[str, Any], Card]:
    """A card's JSON as it is, and the same checked, with defaults for what it leaves out.

    Raises:
        ModelError: it cannot be read, or a field is wrong; the message says which, and what it should be.
    """
    try:
        return read_card(file, stamp(file))
    except FileNotFoundError as error:
        raise ModelError(f"the card {file} is missing; put it beside the model, or export that again") from error
    except (OSError, ValueError) as error:
        raise ModelError(
            f"the card {file} cannot be used: {error}; mend it (docs/models.md lists the fields), or export the "
            "model again"
        ) from error


@lru_cache(maxsize=256)
def read_card(file: Path, changed: Stamp) -> tuple[dict[str, Any], Card]:
    """See `card_of`, which tells by the stamp whether the file has changed.

    Raises:
        OSError, ValueError: it cannot be read, or is no card.
    """
    from pydantic import ValidationError

    from ..contract.card import Card, problem  # only here: listing the tools reads no card

    card: Any = json.loads(file.read_text(encoding="utf-8"))
    if not isinstance(card, dict):
        raise ValueError("it is no JSON object")
    if "facts" in card and "measured" not in card:  # what cards of version 0.1 called it
        card["measured"] = card.pop("facts")
    try:
        return card, Card.model_validate(card)
    except ValidationError as error:
        raise ValueError(problem(error)) from error


@lru_cache(maxsize=64)
def file_checksum(file: Path, changed: Stamp) -> str:
    """SHA-256 of a file with that stamp."""
    with file.open("rb") as data:
        return hashlib.file_digest(data, "sha256").hexdigest()

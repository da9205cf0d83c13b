"""Two folders of pictures that are no pairs, and what their domains are called."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from imgen.training.data import DataError, Decoding, Pictures

STORED = 256  # pictures are kept with at most this shorter side
FILE = "domains.json"
NAME = re.compile(r"[a-z][a-z0-9_-]{,29}")


def names(folder: Path) -> tuple[str, str]:
    """What the domains of trainA and trainB are called: DIR/domains.json, else both sides of the 2 in DIR's name.

    Raises:
        DataError: there are no two names, or no valid ones.
    """
    file = folder / FILE
    if file.exists():
        try:
            told: Any = json.loads(file.read_text(encoding="utf-8"))
            found = [str(told["A"]), str(told["B"])]
        except (ValueError, KeyError, TypeError) as error:
            raise DataError(f'{file} must say {{"A": "day", "B": "sunset"}} ({error!r})') from error
    else:
        found = folder.resolve().name.lower().split("2")
    if len(found) != 2 or found[0] == found[1] or not all(NAME.fullmatch(name) for name in found):
        raise DataError(
            f"{folder} does not say what its domains are called; write {file} with "
            '{"A": "day", "B": "sunset"}, lower-case names of at most 30 letters, or call the folder day2sunset'
        )
    return found[0], found[1]


def pictures(folders: Sequence[Path], split: str) -> tuple[Pictures, Pictures]:
    """The pictures of both domains, of `split` "train" or "test", in the order of their names.

    Raises:
        DataError: a folder is missing or empty.
    """
    for folder in folders:
        missing = [split + side for side in "AB" if not (folder / (split + side)).is_dir()]
        if missing:
            raise DataError(f"{folder} holds no folder {missing[0]!r}; put pictures in {split}A/ and {split}B/")
    a, b = (Pictures([folder / (split + side) for folder in folders], Decoding(side=STORED)) for side in "AB")
    return a, b

"""One edit walks through few files: docs/architecture.md shows the way, and this counts it."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np
import pytest

import imgen
from imgen.inference import session as sessions

HOME = Path(imgen.__file__).parent
WALK = ["engine/pipeline.py", "engine/apply.py", "contract/tool.py", "inference/registry.py", "inference/session.py"]


class Witness:
    """Stands for a loaded model, and keeps the names of the functions that led to it."""

    def __init__(self, session: Any) -> None:
        self.session = session
        self.stack: list[tuple[str, str]] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self.session, name)

    def run(self, *arguments: Any) -> Any:
        frame: FrameType | None = sys._getframe(1)
        self.stack = []
        while frame:
            self.stack.insert(0, (frame.f_code.co_filename, frame.f_code.co_name))
            frame = frame.f_back
        return self.session.run(*arguments)


@pytest.mark.parametrize(
    ("tool", "parameters", "own"),
    [
        ("colorize", {}, []),
        ("select_subject", {}, []),
        ("generate_faces", {"count": 1}, []),
        ("denoise", {"noise": 10}, ["image/tiling.py"]),  # what the tool itself calls
    ],
)
def test_from_the_pipeline_to_the_network(monkeypatch, tool, parameters, own):
    used: list[Witness] = []
    kept = sessions.kept

    def watched(*arguments: Any) -> Witness:
        used.append(Witness(kept(*arguments)))
        return used[-1]

    monkeypatch.setattr(sessions, "kept", watched)
    photo = imgen.Photo(np.random.default_rng(0).random((64, 96, 3), np.float32))
    imgen.Pipeline().add(tool, **parameters)(photo, cache=None, device="cpu")
    assert used
    for one in used:
        start = [i for i, (file, name) in enumerate(one.stack) if (Path(file).name, name) == ("pipeline.py", "run")][-1]
        files = dict.fromkeys(Path(file) for file, _ in one.stack[start:])
        walk = [file.relative_to(HOME).as_posix() for file in files if file.is_relative_to(HOME)]
        assert [file for file in walk if file not in own] == WALK
        assert len(WALK) <= 5


def test_the_documentation_shows_that_way():
    page = (HOME.parent / "docs" / "architecture.md").read_text(encoding="utf-8")
    section = page.partition("\n## One edit")[2].partition("\n## ")[0]
    assert re.findall(r"^\| `([a-z/_.]+)` \|", section, re.MULTILINE) == WALK

"""One editor for all tests of one kind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import imgen

from .servers import Editor, serving

SAMPLE = Path(imgen.__file__).parent / "editor" / "web" / "samples" / "cat.jpg"
PASSWORD = "open sesame"


@pytest.fixture(scope="session")
def editor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Editor]:
    """An editor as `imgen edit` starts it, that answers to one more name."""
    with serving(tmp_path_factory.mktemp("open"), allow_hosts=["photos.example.org"]) as running:
        yield running


@pytest.fixture(scope="session")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Editor]:
    """An editor with a password."""
    with serving(tmp_path_factory.mktemp("locked"), password=PASSWORD) as running:
        yield running


@pytest.fixture(scope="session")
def sample() -> bytes:
    return SAMPLE.read_bytes()

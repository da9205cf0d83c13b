"""Pictures and folders that tests of this place share."""

from __future__ import annotations

from pathlib import Path

import pytest

from imgen.editor.state.workspace import Workspace
from imgen.editor.state.workspaces import Workspaces


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path)


@pytest.fixture
def spaces():
    made = Workspaces()
    yield made
    made.close_all()

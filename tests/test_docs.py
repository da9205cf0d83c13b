"""Documentation that runs: doctests, the Python blocks in the Markdown files, and what is generated."""

import doctest
import importlib
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest

import imgen

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
LIGHT = [
    m.name for m in pkgutil.iter_modules(imgen.__path__, "imgen.") if m.name not in ("imgen.training", "imgen.editor")
]
BLOCKS = [
    pytest.param(page, code, id=f"{page.name}-{i}")
    for page in PAGES
    for i, code in enumerate(re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL))
]


@pytest.mark.parametrize("name", [*LIGHT, "imgen.cli.steps"])
def test_doctests(name):
    assert doctest.testmod(importlib.import_module(name)).failed == 0


@pytest.mark.parametrize(("page", "code"), BLOCKS)
def test_python_blocks_run(page, code, cat_file, tmp_path):
    cat_file.rename(tmp_path / "photo.png")
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_tool_table_is_up_to_date():
    script = ROOT / "docs" / "generate.py"
    done = subprocess.run([sys.executable, str(script), "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_links_lead_somewhere(page):
    prose = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)#:]+)\)", prose):
        assert (page.parent / target).exists(), target


GALLERIES = ("gallery", "gallery-faces", "gallery-domains", "gallery-codes", "gallery-restore", "gallery-adjustments")


@pytest.mark.parametrize("name", GALLERIES)
def test_the_gallery_shows_the_shipped_models(name):
    page = (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8")
    shown = dict(re.findall(r"([a-z]+/[a-z0-9-]+) `([0-9a-f]{12})`", page))
    assert shown
    for model, checksum in shown.items():
        assert imgen.model(model).checksum.startswith(checksum), f"run docs/{name}.py, with _ for -"

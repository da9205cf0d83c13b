"""The example plugin, and what starting imports."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import imgen

EXAMPLE = Path(__file__).parents[2] / "examples" / "imgen-posterize"


def run(code: str, path: Path) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONPATH": str(path)}
    return subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=False)


def test_the_example_installs_works_and_leaves(tmp_path, cat_file):
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--target"]
    source = tmp_path / "source"
    source.mkdir()
    for file in EXAMPLE.iterdir():
        if file.is_file():
            (source / file.name).write_bytes(file.read_bytes())
    subprocess.run([*pip, str(tmp_path / "site"), str(source)], check=True, capture_output=True)
    listing = "import sys; from imgen.cli.entry import main; sys.exit(main(['tools']))"
    assert "posterize" in run(listing, tmp_path / "site").stdout
    assert "posterize" not in run(listing, tmp_path).stdout
    edit = (
        "import sys; from imgen.cli.entry import main; "
        f"sys.exit(main(['run', {str(cat_file)!r}, '-s', 'posterize:levels=3', '-o', {str(tmp_path / 'o.png')!r}]))"
    )
    assert run(edit, tmp_path / "site").returncode == 0
    assert set(imgen.open(tmp_path / "o.png").pixels.round(2).ravel().tolist()) <= {0.0, 0.5, 0.5019999742507935, 1.0}


HEAVY = {"torch", "onnxruntime", "gradio", "imagecodecs", "tifffile", "scipy", "kornia", "pooch", "requests"}


@pytest.mark.parametrize(("command", "more"), [("--help", {"numpy", "pydantic", "PIL", "pluggy"}), ("tools", set())])
def test_starting_imports_nothing_heavy(command, more):
    code = f"""
import sys
from imgen.cli.entry import main
try:
    main([{command!r}])
except SystemExit:
    pass
print("@", *sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    loaded = set(done.stdout.rpartition("@")[2].split())
    assert loaded & (HEAVY | more) == set()
    assert "imgen.cli.entry" in loaded

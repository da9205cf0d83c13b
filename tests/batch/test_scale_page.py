"""docs/scale.md: its commands are those of imgen, and its examples for schedulers can be read."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from imgen.batch.options import Options
from imgen.cli.batch import is_job, read_options, share_of
from imgen.cli.entry import parser
from imgen.errors import ParameterError

PAGE = (Path(__file__).parents[2] / "docs" / "scale.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"imgen run [^\n]*", "\n".join(re.findall(r"```(?:yaml|bash)?\n(.*?)```", PAGE, re.DOTALL)))


def test_there_are_commands():
    assert len(COMMANDS) >= 7


@pytest.mark.parametrize("line", COMMANDS)
def test_commands_are_understood(line, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = line.split("#")[0].rstrip('"] ') + ('"' if line.count('"') % 2 == 0 and "$SLURM" in line else "")
    text = re.sub(r"\$[A-Z_]+", "3", text)
    options = parser().parse_args(shlex.split(text)[1:])
    assert is_job(options)
    assert isinstance(read_options(options, "refuse"), Options)


def test_the_scheduler_examples_can_be_read(tmp_path):
    yaml = pytest.importorskip("yaml")
    job = yaml.safe_load(re.search(r"```yaml\n(.*?)```", PAGE, re.DOTALL)[1])
    assert job["spec"]["completionMode"] == "Indexed"
    assert f"/{job['spec']['completions']}" in job["spec"]["template"]["spec"]["containers"][0]["command"][2]
    script = tmp_path / "job.sh"
    script.write_text(re.search(r"```bash\n(.*?)```", PAGE, re.DOTALL)[1])
    if shutil.which("bash"):
        subprocess.run(["bash", "-n", script], check=True)


def test_wrong_numbers_are_said():
    for text in ("3", "a/b", "1/"):
        with pytest.raises(ParameterError, match="such as 0/8"):
            share_of(text)

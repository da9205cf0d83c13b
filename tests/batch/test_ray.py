"""The same bytes through Ray, and an actor that is killed; where Ray is installed."""

import os
import signal

import pytest
from batchkit import CROP, do, finished, make_photos, results

from imgen.batch import run

pytestmark = pytest.mark.filterwarnings("ignore")  # Ray's own


def test_without_ray_it_is_said(tmp_path, monkeypatch):
    from imgen.batch import ray
    from imgen.errors import PipelineError

    monkeypatch.setitem(__import__("sys").modules, "ray", None)
    with pytest.raises(PipelineError, match=r"pip install 'imgen\[ray\]'"):
        ray.imported()


def test_ray_saves_the_same_bytes_also_when_an_actor_is_killed(tmp_path, monkeypatch):
    pytest.importorskip("ray")
    psutil = pytest.importorskip("psutil")
    monkeypatch.chdir(tmp_path)
    make_photos(tmp_path / "in", 40)
    do("in", "right")
    killed = 0
    for outcome in run(CROP, "in", "out", jobs=1, engine="ray"):
        assert outcome.ok, outcome.reason
        actors = [p for p in psutil.process_iter(["cmdline"]) if "ray::Actor" in " ".join(p.info["cmdline"] or [])]
        if actors and not killed:
            os.kill(actors[0].pid, signal.SIGKILL)
            killed += 1
    assert results(tmp_path / "out") == results(tmp_path / "right")
    assert finished(tmp_path / "out") == sorted(results(tmp_path / "right"))

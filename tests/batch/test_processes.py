"""Workers in processes: the same bytes, photos that hang or kill, and being stopped or killed at any moment."""

import json
import os
import random
import signal
import time

import pytest
from batchkit import CROPPED, do, events, finished, lines, make_photos, results, start, state
from PIL import Image as Pillow

from imgen.batch import run

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")

ODD = '''
import os, time
import imgen

def misbehave(image: imgen.Image) -> imgen.Image:
    """Hang, kill or eat, as the photo's width says."""
    width = image.shape[1]
    if width == 31:
        time.sleep(1000)
    if width == 32:
        os.kill(os.getpid(), 9)
    if width == 33:
        import numpy as np
        return np.ones((40_000, 40_000, 3), np.float32)
    return image

@imgen.hookimpl
def imgen_tools():
    return [misbehave]
'''


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    make_photos(tmp_path / "in", 12)
    return tmp_path


def test_processes_and_shares_save_the_same_bytes(place):
    do("in", "one")
    outcomes = list(run_in_processes("in", "two"))
    assert {outcome.event for outcome in outcomes} == {"done"}
    assert results(place / "two") == results(place / "one")
    assert {line["result"] for line in lines(place / "two") if line["event"] == "done"} == set(results(place / "two"))
    assert len(list((state(place / "two") / "journal").iterdir())) == 3  # two workers' and the launcher's


def run_in_processes(inputs, output):
    from batchkit import CROP

    return run(CROP, inputs, output, jobs=2)


@pytest.fixture
def odd(place):
    """A folder with the tool `misbehave`, and a hundred photos: three that it minds, and a damaged one."""
    make_photos(place / "in", 96)
    folder = place / "plugins"
    about = folder / "odd_tools-1.0.dist-info"
    about.mkdir(parents=True)
    (folder / "odd_tools.py").write_text(ODD)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: odd-tools\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[imgen.plugins]\nodd = odd_tools\n")
    for name, width in (("hang", 31), ("kill", 32), ("eat", 33)):
        Pillow.new("RGB", (width, 8)).save(place / "in" / f"{name}.png")
    (place / "in" / "damaged.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    return folder


@posix
def test_photos_that_hang_or_kill_are_put_aside_and_named(place, odd):
    command = ["in", "-s", "misbehave", "-o", "out", "--jobs", "2", "--timeout", "12", "--memory", "2", "--json"]
    process = start(*command, plugins=odd)
    told, said = process.communicate(timeout=300)
    assert process.returncode == 1, said
    found = {line["result"]: line for line in map(json.loads, told.splitlines()) if "result" in line}
    bad = {name: line["reason"] for name, line in found.items() if line["event"] != "done"}
    assert sorted(bad) == ["damaged.png", "eat.png", "hang.png", "kill.png"]
    assert "took longer than 12 s" in bad["hang.png"]
    assert "killed its worker 2 times (signal SIGKILL)" in bad["kill.png"]
    assert "MemoryError" in bad["eat.png"]
    assert len(results(place / "out")) == 96
    table = (state(place / "out") / "failed.csv").read_text()
    assert all(f"in/{name}" in table for name in bad)
    assert json.loads(told.splitlines()[-1])["summary"]["failed"] == 4


@posix
def test_a_job_that_is_stopped_ends_with_the_photos_at_work(place):
    make_photos(place / "in", 400)
    process = start("in", *CROPPED, "-o", "out", "--jobs", "1")
    wait_for(lambda: len(results(place / "out")) > 3, process)
    process.send_signal(signal.SIGTERM)
    said = process.communicate(timeout=120)[1]
    assert process.returncode == 143
    assert "the same command goes on" in said
    assert finished(place / "out") == sorted(results(place / "out"))
    left = 400 - len(results(place / "out"))
    assert f"stopped: {left} not begun or not complete" in said


@posix
def test_kill_at_any_moment_loses_nothing(place):
    do("in", "right")
    rng = random.Random(5)
    for attempt in range(3):
        process = start("in", *CROPPED, "-o", "out", "--jobs", "2", start_new_session=True)
        if attempt:
            wait_for(lambda: (place / "out" / ".imgen").exists(), process)
        time.sleep(rng.uniform(0, 0.5))
        process.kill()
        process.communicate()
        right = results(place / "right")
        assert all(right[name] == data for name, data in results(place / "out").items())
    for worker in (do("in", "out"), do("in", "out")):
        assert set(events(worker).values()) <= {"done"}
    assert worker == {}
    assert results(place / "out") == right
    assert finished(place / "out") == sorted(right)


def wait_for(condition, process):
    until = time.monotonic() + 120
    while not condition() and process.poll() is None:
        assert time.monotonic() < until
        time.sleep(0.01)

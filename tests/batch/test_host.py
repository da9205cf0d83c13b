"""A job in a process that has more to do: its host waits, bounds, watches and stops each photo."""

import threading
from contextlib import contextmanager

import pytest
from batchkit import CROP, make_photos, results

import imgen
from imgen.batch import run
from imgen.batch.host import Host
from imgen.batch.listing import Found
from imgen.errors import Cancelled, ParameterError, PhotoError


class Watching(Host):
    """Writes down what happens."""

    def __init__(self):
        super().__init__()
        self.said = []

    @contextmanager
    def around(self, name):
        self.said.append(name)
        yield
        self.said.append(f"/{name}")

    def turn(self, entry):
        return self.around("turn")

    def reading(self, entry):
        return self.around("reading")

    def working(self, entry, photo):
        assert photo.width == 24
        return self.around("working")

    def writing(self, entry, result):
        assert result.width == 12
        return self.around("writing")

    def progress(self, entry, done, tool):
        if done == 1:
            self.said.append(f"all of {entry.source}")


@pytest.fixture
def photos(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return make_photos(tmp_path / "in", 3)


def test_a_host_is_asked_around_all_of_a_photo(photos):
    host = Watching()
    (done,) = run(CROP, "in/p000.png", "out", jobs=0, host=host)
    assert done.event == "done"
    around = [
        "turn",
        "reading",
        "/reading",
        "working",
        "all of in/p000.png",
        "writing",
        "/writing",
        "/working",
        "/turn",
    ]
    assert host.said == around


def test_what_a_host_refuses_is_the_photos_failure(photos):
    class Full(Host):
        def reading(self, entry):
            if "p001" in entry.source:
                raise PhotoError("there is no room")
            return super().reading(entry)

    told = {outcome.result: outcome for outcome in run(CROP, "in", "out", jobs=0, host=Full())}
    assert {name: one.event for name, one in told.items()} == {
        "p000.png": "done",
        "p001.png": "failed",
        "p002.png": "done",
    }
    assert told["p001.png"].reason == "there is no room"


def test_cancelling_ends_the_job_in_the_middle_of_a_photo_and_it_goes_on(photos, tmp_path):
    class Stopping(Host):
        def progress(self, entry, done, tool):
            if "p001" in entry.source:
                self.cancel.set()

    running = run(CROP, "in", "out", jobs=0, host=Stopping(threading.Event()))
    with pytest.raises(Cancelled):
        list(running)
    assert list(results(tmp_path / "out")) == ["p000.png"]
    assert sorted(one.result for one in run(CROP, "in", "out", jobs=0)) == ["p001.png", "p002.png"]


def test_photos_come_with_names_of_their_own_and_the_pipeline_as_it_is(photos, tmp_path):
    mask = imgen.open(photos[0]).pixels[..., 0] * 0 + 1
    mask[:, :12] = 0
    host = Host()
    host.pipeline = imgen.Pipeline().add("blur", radius=3, mask=mask)
    found = [Found(str(photos[0]), "b/one.png"), Found(str(photos[1]), "a.png")]
    assert [one.event for one in run(host.pipeline, found, "out", jobs=0, host=host)] == ["done", "done"]
    list(run(host.pipeline, found, "again", jobs=0))  # from the recipe's text
    assert sorted(results(tmp_path / "out")) == ["a.png", "b/one.png"]
    assert results(tmp_path / "out") == results(tmp_path / "again")


def test_other_processes_have_no_host(photos):
    with pytest.raises(ParameterError, match="jobs=0"):
        run(CROP, "in", "out", jobs=2, host=Host())

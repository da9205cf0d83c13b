"""A job is done once: the same command again does what is missing, and says what it cannot do."""

import json

import pytest
from batchkit import CROP, do, events, finished, lines, make_photos, results, state

import imgen
from imgen.batch import run
from imgen.batch.jobs import Batch, run_jobs
from imgen.batch.ledger import Ledger
from imgen.batch.manifest import Entry
from imgen.batch.plan import Job
from imgen.batch.store import Home
from imgen.batch.worker import Worker
from imgen.errors import ParameterError, PhotoError, PipelineError


@pytest.fixture
def place(tmp_path, monkeypatch):
    """Five photos in a folder `in`, in the working folder."""
    monkeypatch.chdir(tmp_path)
    make_photos(tmp_path / "in", 5)
    return tmp_path


def test_a_job_saves_what_a_plain_run_saves(place):
    assert events(do("in", "out")) == {f"p00{i}.png": "done" for i in range(5)}
    list(run_jobs(Batch(CROP), [Job(path, place / "plain" / path.name) for path in (place / "in").iterdir()]))
    assert results(place / "out") == results(place / "plain")
    assert finished(place / "out") == sorted(results(place / "out"))
    about = json.loads((state(place / "out") / "job.json").read_text())
    assert about["id"] == state(place / "out").name
    assert json.loads(about["recipe"])["steps"][0]["tool"] == "crop"


def test_again_only_what_is_missing_new_or_changed_is_done(place):
    do("in", "out")
    before = results(place / "out")
    assert do("in", "out") == {}
    (place / "out" / "p001.png").unlink()
    make_photos(place / "x", 6)[5].rename(place / "in" / "new.png")
    make_photos(place / "y", 1, width=40)[0].replace(place / "in" / "p003.png")
    assert events(do("in", "out")) == {"p001.png": "done", "new.png": "done", "p003.png": "done"}
    after = results(place / "out")
    assert {name for name in before if before[name] != after[name]} == {"p003.png"}
    assert do("in", "out") == {}


def test_a_photo_that_was_only_touched_is_not_done_again(place):
    do("in", "out")
    made = (place / "out" / "p002.png").stat()
    photo = place / "in" / "p002.png"
    photo.write_bytes(photo.read_bytes())
    assert events(do("in", "out")) == {"p002.png": "kept"}
    assert (place / "out" / "p002.png").stat().st_ino == made.st_ino
    assert do("in", "out") == {}


def test_results_of_others_are_kept_skipped_or_replaced(place):
    (place / "out").mkdir()
    (place / "out" / "p000.png").write_text("mine")
    done = do("in", "out")
    assert events(done)["p000.png"] == "later"
    assert "is there already; --overwrite replaces it, --skip-existing leaves it" in done["p000.png"].reason
    assert do("in", "out", existing="skip") == {}
    assert (place / "out" / "p000.png").read_text() == "mine"
    assert events(do("in", "out", existing="overwrite")) == {"p000.png": "done"}
    assert imgen.open(place / "out" / "p000.png").width == 12


def test_another_recipe_in_the_same_place_is_refused(place):
    do("in", "out")
    before, first = results(place / "out"), state(place / "out").name
    other = imgen.Pipeline().add("crop", width=0.25)
    with pytest.raises(PipelineError, match=r"another recipe \(job .*: crop; .*give another -o, or --overwrite"):
        run(other, "in", "out")
    with pytest.raises(PipelineError, match="another recipe"):
        run(CROP, "in", "out", quality=50)
    assert results(place / "out") == before
    assert len(do("in", "out", other, existing="overwrite")) == 5
    assert imgen.open(place / "out" / "p000.png").width == 6
    with pytest.raises(PipelineError, match="another recipe"):
        run(CROP, "in", "out")
    assert (place / "out" / ".imgen" / f"{first}.replaced").is_dir()


def test_a_damaged_photo_is_named_and_not_tried_again(place):
    (place / "in" / "p001.png").write_bytes(b"\x89PNG\r\n\x1a\nhalf")
    running = run(CROP, "in", "out", jobs=0)
    assert [o.event for o in running].count("failed") == 1
    assert running.failures == 1
    table = (state(place / "out") / "failed.csv").read_text().splitlines()
    assert table[0] == "photo,result,reason"
    assert table[1].startswith("in/p001.png,p001.png,in/p001.png is damaged")
    again = run(CROP, "in", "out", jobs=0)
    assert (again.counts.done, again.counts.failed, again.counts.todo) == (4, 1, 0)
    assert list(again) == []
    assert list(events(do("in", "out", retry_failed=True))) == ["p001.png"]
    make_photos(place / "x", 2)[1].replace(place / "in" / "p001.png")
    assert events(do("in", "out")) == {"p001.png": "done"}
    run(CROP, "in", "out", retry_failed=True).close()


def test_too_many_failures_stop_it(place):
    for number in range(4):
        (place / "in" / f"a{number}.png").write_text("no picture")
    with pytest.raises(PipelineError, match="stopped after 2 failures"):
        do("in", "out", max_failures=1)
    assert results(place / "out") == {}


def test_what_a_killed_worker_left_is_known(place):
    do("in", "out")
    journal = state(place / "out") / "journal" / "0-of-1-0.jsonl"
    whole = journal.read_text().splitlines(keepends=True)
    # killed between renaming the result and saying so, in the middle of the line
    journal.write_text("".join(whole[:-1]) + whole[-1][:40])
    running = run(CROP, "in", "out", jobs=0)
    assert (running.counts.done, running.counts.todo) == (5, 0)
    running.close()
    # killed before renaming it
    journal.write_text("".join(whole[:-1]))
    (state(place / "out") / "journal" / "0-of-1-launcher.jsonl").write_text("")
    name = json.loads(whole[-1])["result"]
    (place / "out" / name).write_text("another one's")
    assert events(do("in", "out")) == {name: "later"}
    (place / "out" / name).unlink()
    assert events(do("in", "out")) == {name: "done"}


def test_what_was_read_of_long_journals_is_kept(place, monkeypatch):
    monkeypatch.setattr("imgen.batch.ledger.MANY", 5)
    do("in", "out")
    kept = state(place / "out") / "ledger.npz"
    assert not kept.exists()
    assert do("in", "out") == {}
    home = Home(str(state(place / "out")))
    assert kept.exists()
    assert (Ledger(home).fresh, len(Ledger(home))) == (0, 5)
    (place / "out" / "p001.png").unlink()
    make_photos(place / "x", 6)[5].rename(place / "in" / "new.png")
    assert events(do("in", "out")) == {"p001.png": "done", "new.png": "done"}
    assert (Ledger(home).fresh, len(Ledger(home))) == (2, 6)  # nothing else is read again
    whole = [Ledger(home).rows([name])[0] for name in results(place / "out")]
    kept.unlink()
    assert [Ledger(home).rows([name])[0] for name in results(place / "out")] == whole
    assert do("in", "out") == {}


def test_what_was_kept_of_other_journals_is_not_believed(place, monkeypatch):
    monkeypatch.setattr("imgen.batch.ledger.MANY", 5)
    do("in", "out")
    do("in", "out")
    journal = state(place / "out") / "journal" / "0-of-1-0.jsonl"
    journal.write_text("".join(journal.read_text().splitlines(keepends=True)[:-1]))
    made = place / "out" / "p004.png"
    made.write_bytes(b"?" * made.stat().st_size)  # of another program
    assert events(do("in", "out")) == {"p004.png": "later"}


def test_verify_finds_results_that_changed(place):
    do("in", "out")
    path = place / "out" / "p002.png"
    right = path.read_bytes()
    path.write_bytes(right[:-1] + b"?")
    assert do("in", "out") == {}  # of the same size
    assert events(do("in", "out", verify=True)) == {"p002.png": "done"}
    assert path.read_bytes() == right


def test_shares_are_the_whole_and_nothing_twice(place):
    whole = do("in", "whole")
    parts = [do("in", "out", share=(number, 3)) for number in range(3)]
    assert sorted(name for part in parts for name in part) == sorted(whole)
    assert results(place / "out") == results(place / "whole")
    assert do("in", "out") == {}
    with pytest.raises(ParameterError, match="counts from 0 to 2"):
        run(CROP, "in", "out", share=(3, 3))


def test_a_photo_that_another_worker_did_meanwhile_is_kept_and_has_no_second_line(place, monkeypatch):
    monkeypatch.setattr("imgen.batch.journal.time.time", lambda: 1.0)  # all within a millisecond
    running = run(CROP, "in", "out", jobs=0)
    list(running)
    worker = Worker(running.setup, "another")
    assert worker(Entry("in/p001.png", "p001.png")).event == "kept"
    worker.close()
    assert finished(place / "out") == sorted(results(place / "out"))


def test_two_runs_of_one_job_do_not_meet(place):
    running = run(CROP, "in", "out", jobs=0)
    with pytest.raises(PipelineError, match="another run of this job is at work"):
        run(CROP, "in", "out")
    running.close()
    assert len(do("in", "out")) == 5


def test_leaving_it_keeps_what_is_done(place):
    running = run(CROP, "in", "out", jobs=0)
    first = next(running)
    running.close()
    assert finished(place / "out") == [first.result]
    assert len(do("in", "out")) == 4
    assert not list(state(place / "out").glob("todo*"))
    assert not list(state(place / "out").glob("parts/*"))


def test_what_is_read_is_never_replaced(place):
    before = results(place / "in")
    with pytest.raises(PhotoError, match="would replace a file that is read"):
        run(CROP, ["in"], "in", existing="overwrite")
    (place / "out").mkdir()
    (place / "out" / "p001.png").hardlink_to(place / "in" / "p004.png")
    with pytest.raises(PhotoError, match="would replace a file that is read"):
        run(CROP, "in", "out", existing="overwrite")
    assert {n: b for n, b in results(place / "in").items() if n in before} == before


@pytest.mark.parametrize(("output", "message"), [("", "-o is empty"), ("a.png", "name of one file"), ("-", "stream")])
def test_results_go_into_a_folder(place, output, message):
    with pytest.raises(PhotoError, match=message):
        run(CROP, "in", output)


def test_an_unknown_option_names_the_nearest(place):
    with pytest.raises(ParameterError, match="no option 'job'; did you mean 'jobs'"):
        run(CROP, "in", "out", job=1)


def test_numbers_are_kept(place):
    running = run(CROP, "in", "out", jobs=0)
    list(running)
    told = running.meter.summary()
    assert (told["photos"], told["failed"], told["left"]) == (5, 0, 0)
    assert told["megapixels"] == pytest.approx(5 * 24 * 16 / 1e6, abs=1e-3)
    assert sum(told["shares"].values()) == pytest.approx(1, abs=0.01)
    assert 0 < told["seconds_per_photo"]["p50"] <= told["seconds_per_photo"]["p99"]
    assert all(line["key"] and line["sha256"] for line in lines(place / "out") if line["event"] == "done")

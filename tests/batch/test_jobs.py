from pathlib import Path

import pytest

import imgen
from imgen.batch.jobs import Batch, run_jobs
from imgen.batch.plan import Job
from imgen.errors import Cancelled


@pytest.fixture
def jobs(cat_file, tmp_path):
    (tmp_path / "bad.png").write_text("no picture")
    return [Job(path, tmp_path / "out" / name) for path, name in ((cat_file, "1.png"), (tmp_path / "bad.png", "2.png"))]


CROP = imgen.Pipeline().add("crop", width=0.5)


def test_each_result_is_told_as_it_is_saved(jobs):
    running = run_jobs(Batch(CROP), jobs)
    first = next(running)
    assert first.error is None
    assert jobs[0].output.exists()
    assert "not a picture" in str(next(running).error)
    assert not jobs[1].output.exists()


def test_an_older_result_is_never_replaced_in_silence(jobs):
    job = jobs[0]
    job.output.parent.mkdir()
    job.output.write_text("old")
    (refused,) = run_jobs(Batch(CROP), [job])
    assert "--overwrite replaces it, --skip-existing leaves it" in str(refused.error)
    (skipped,) = run_jobs(Batch(CROP, existing="skip"), [job])
    assert skipped.skipped
    assert skipped.error is None
    assert job.output.read_text() == "old"
    (done,) = run_jobs(Batch(CROP, existing="overwrite"), [job])
    assert done.error is None
    assert imgen.open(job.output).width == 113


def test_one_that_another_program_made_meanwhile_is_left(jobs):
    def other(job, part, label):
        job.output.parent.mkdir(exist_ok=True)
        job.output.write_text("theirs")

    (done,) = run_jobs(Batch(CROP, progress=other), jobs[:1])
    assert "is there already" in str(done.error)
    assert jobs[0].output.read_text() == "theirs"


def test_read_only_results_are_left_alone(jobs):
    job = jobs[0]
    job.output.parent.mkdir()
    job.output.write_text("old")
    job.output.chmod(0o444)
    (done,) = run_jobs(Batch(CROP, existing="overwrite"), [job])
    assert "is read-only" in str(done.error)
    assert job.output.read_text() == "old"
    assert job.output.stat().st_mode & 0o777 == 0o444


@pytest.mark.parametrize(
    ("error", "message"), [(MemoryError(), "not enough memory"), (OSError(28, "No space"), "No space")]
)
def test_what_goes_wrong_with_one_photo_stops_no_other(jobs, monkeypatch, error, message):
    def fails(data, path):
        monkeypatch.undo()
        raise error

    monkeypatch.setattr("imgen.batch.worker.decode", fails)
    first, second = run_jobs(Batch(CROP), [jobs[0], jobs[0]._replace(output=jobs[1].output)])
    assert message in str(first.error)
    assert second.error is None


def test_cancelling_stops_the_batch(jobs):
    def stop(job, part, label):
        raise Cancelled("stop")

    with pytest.raises(Cancelled):
        list(run_jobs(Batch(CROP, progress=stop), jobs))
    assert not Path(jobs[0].output).exists()


def test_a_picture_from_nothing_has_no_photo(tmp_path):
    (done,) = run_jobs(Batch(imgen.Pipeline().add("draw_digit", seed=1)), [Job(None, tmp_path / "new" / "digit.png")])
    assert done.error is None
    assert imgen.open(tmp_path / "new" / "digit.png").recipe is not None


def test_few_photos_leave_no_state_behind(jobs, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    list(run_jobs(Batch(CROP), jobs))
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["1.png"]
    assert list((tmp_path / "temporary").iterdir()) == []

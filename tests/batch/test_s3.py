"""A job from and into S3 as its own clients speak to it: moto's server, where moto and s3fs are installed."""

import fsspec
import pytest
from batchkit import CROP, do, events, make_photos, results

from imgen.batch import run
from imgen.batch.store import key_of

pytest.importorskip("s3fs")
server = pytest.importorskip("moto.server")
pytestmark = pytest.mark.filterwarnings("ignore")  # botocore's own


@pytest.fixture
def bucket(tmp_path, monkeypatch):
    """A bucket with six photos in `in/`, which are in the folder `in`, too."""
    running = server.ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    settings = {"endpoint_url": f"http://{host}:{port}", "key": "testing", "secret": "testing"}
    monkeypatch.setitem(fsspec.config.conf, "s3", settings)
    for name, value in settings.items():  # for other processes
        monkeypatch.setenv(f"FSSPEC_S3_{name.upper()}", value)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.chdir(tmp_path)
    fs = fsspec.filesystem("s3", skip_instance_cache=True)
    fs.mkdir("photos")
    for path in make_photos(tmp_path / "in", 6):
        fs.pipe_file(f"photos/in/{path.name}", path.read_bytes())
    yield fs
    fs.rm("photos", recursive=True)  # all servers of a process have the same buckets
    running.stop()


def stored(fs, folder):
    fs.invalidate_cache()
    return {path.removeprefix(f"{folder}/"): fs.cat_file(path) for path in fs.find(folder) if "/.imgen/" not in path}


@pytest.mark.parametrize("jobs", [0, 2])
def test_s3_gives_and_takes_what_folders_do(bucket, tmp_path, jobs):
    do("in", "right")
    told = {one.result: one for one in run(CROP, "s3://photos/in", "s3://photos/out", jobs=jobs)}
    assert set(events(told).values()) == {"done"}
    assert stored(bucket, "photos/out") == results(tmp_path / "right")
    keys = [key_of(f"s3://photos/out/{name}") for name in told]
    assert all(keys)
    assert len(set(keys)) == 6
    assert list(run(CROP, "s3://photos/in", "s3://photos/out", jobs=jobs)) == []


def test_only_what_has_changed_in_a_bucket_is_done_again(bucket, tmp_path):
    do("s3://photos/in", "s3://photos/out")
    bucket.pipe_file("photos/in/p003.png", (tmp_path / "in" / "p001.png").read_bytes())
    bucket.pipe_file("photos/in/new.png", (tmp_path / "in" / "p002.png").read_bytes())
    fsspec.filesystem("s3").invalidate_cache()
    assert events(do("s3://photos/in", "s3://photos/out")) == {"p003.png": "done", "new.png": "done"}
    made = stored(bucket, "photos/out")
    assert made["p003.png"] == made["p001.png"]
    # a journal that got lost: the key beside each result says that it is right
    bucket.rm("photos/out/.imgen", recursive=True)
    assert set(events(do("s3://photos/in", "s3://photos/out")).values()) == {"kept"}

import os

import pytest

from imgen.io.overlap import overlaps, read_only


@pytest.fixture
def photo(tmp_path):
    path = tmp_path / "photo.png"
    path.write_bytes(b"pixels")
    return path


def test_a_file_is_known_through_links_hard_links_and_other_paths(photo, tmp_path):
    (tmp_path / "link.png").symlink_to(photo)
    os.link(photo, tmp_path / "hard.png")
    (tmp_path / "folder").mkdir()
    for name in ("photo.png", "link.png", "hard.png", "folder/../photo.png"):
        written = tmp_path / name
        assert overlaps([photo], [tmp_path / "free.png", written]) == [(photo, written)]
        assert overlaps([written], [photo]) == [(written, photo)]


def test_what_is_not_there_is_known_by_its_path(tmp_path):
    (tmp_path / "link.png").symlink_to(tmp_path / "later.png")
    assert overlaps([tmp_path / "later.png"], [tmp_path / "link.png"])
    assert not overlaps([tmp_path / "later.png"], [tmp_path / "other.png"])


def test_equal_files_pipes_and_folders_are_no_overlap(photo, tmp_path):
    (tmp_path / "copy.png").write_bytes(photo.read_bytes())
    os.mkfifo(tmp_path / "pipe")
    assert not overlaps([photo], [tmp_path / "copy.png"])
    assert not overlaps([tmp_path / "pipe", tmp_path], [tmp_path / "pipe", tmp_path])


def test_read_only_means_that_nobody_may_write(photo, tmp_path):
    assert not read_only(photo)
    assert not read_only(tmp_path / "none")
    photo.chmod(0o444)
    assert read_only(photo)  # also for root, who may write to everything

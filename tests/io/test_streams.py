import io
import os
import sys
import threading

import pytest

from imgen.errors import PhotoError
from imgen.io.streams import Spool, check_output, is_stream, send

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no named pipes in its file system")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_what_is_a_stream(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "file").touch()
    names = ("-", "/dev/stdin", "/dev/null", str(tmp_path / "pipe"))
    assert all(is_stream(name) for name in names)
    assert not any(is_stream(str(path)) for path in (tmp_path / "file", tmp_path, tmp_path / "missing"))


def test_a_stream_is_read_once_and_leaves_nothing(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    pipe = str(tmp_path / "pipe")
    writer = threading.Thread(target=lambda: (tmp_path / "pipe").write_bytes(b"pixels"))
    writer.start()
    with Spool() as spool:
        path = spool.take(pipe)
        assert path.read_bytes() == b"pixels"
        with pytest.raises(PhotoError, match=r"pipe can be read only once"):
            spool.take(pipe)
    writer.join()
    assert not path.exists()


def test_errors_speak_of_the_stream_and_not_of_the_temporary_file(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"pixels")))
    with pytest.raises(PhotoError, match=r"^standard input is damaged$"), Spool() as spool:
        raise PhotoError(f"{spool.take('-')} is damaged")


def test_terminals_are_refused(monkeypatch):
    monkeypatch.setattr(sys, "stdin", Terminal())
    monkeypatch.setattr(sys, "stdout", Terminal())
    with pytest.raises(PhotoError, match="is a terminal"), Spool() as spool:
        spool.take("-")
    with pytest.raises(PhotoError, match="not for a terminal"):
        check_output("-")
    ours, theirs = os.openpty()
    try:
        with pytest.raises(PhotoError, match="not for a terminal"):
            check_output(os.ttyname(theirs))
    finally:
        os.close(ours)
        os.close(theirs)


def test_what_nobody_reads_is_an_error(tmp_path):
    (tmp_path / "picture.png").write_bytes(bytes(1 << 20))
    os.mkfifo(tmp_path / "pipe")

    def glance():
        with (tmp_path / "pipe").open("rb") as file:
            file.read(10)

    reader = threading.Thread(target=glance)
    reader.start()
    with pytest.raises(PhotoError, match=r"pipe was closed before"):
        send(tmp_path / "picture.png", str(tmp_path / "pipe"))
    reader.join()

"""A tool shares the process with everyone: what it does to it harms nobody."""

import locale
import os
import signal
import sys
import threading

import numpy as np
import pytest

import imgen
from imgen.contract.tool import tool_from
from imgen.engine.apply import apply
from imgen.engine.contain import Aside

PHOTO = np.full((8, 9, 3), 0.25, np.float32)


def run(body, photo: imgen.Photo | None = None) -> imgen.Photo:
    """A tool with that body, run on a photo."""

    def tool(image: imgen.Image) -> imgen.Image:
        """Do it."""
        result = body(image)
        return image if result is None else result

    return apply(tool_from(tool, "stranger", "1"), photo or imgen.Photo(PHOTO.copy()), {})


def test_the_callers_array_cannot_be_written_to():
    mine = PHOTO.copy()

    def vandal(image):
        with pytest.raises(ValueError, match="WRITEABLE"):
            image.setflags(write=True)
        with pytest.raises(ValueError, match="WRITEABLE"):
            image.flags.writeable = True
        with pytest.raises(ValueError, match="read-only"):
            image[:] = 0

    run(vandal, imgen.Photo(mine))
    assert np.array_equal(mine, PHOTO)
    imgen.Photo(mine)  # the owner's own array stays what it is
    mine[:] = 0.5


def test_prints_go_to_standard_error(capsys):
    run(lambda image: print("from a tool"))
    print("from outside")
    told = capsys.readouterr()
    assert told.out == "from outside\n"
    assert told.err == "from a tool\n"
    assert not isinstance(sys.stdout, Aside)


def test_folder_and_locale_are_put_back(tmp_path):
    before = os.getcwd(), locale.setlocale(locale.LC_ALL)

    def traveller(image):
        os.chdir(tmp_path)
        locale.setlocale(locale.LC_ALL, "C.UTF-8")

    run(traveller)
    assert (os.getcwd(), locale.setlocale(locale.LC_ALL)) == before


def test_threads_are_put_back():
    torch = pytest.importorskip("torch")
    before = torch.get_num_threads()
    run(lambda image: torch.set_num_threads(before + 1))
    assert torch.get_num_threads() == before


@pytest.mark.parametrize("error", [ValueError("odd"), SystemExit(3), MemoryError("much")])
def test_what_a_tool_raises_says_where(error):
    def broken(image):
        raise error

    with pytest.raises(imgen.ToolError, match=r"stranger 1\) failed: .* at .*test_contain\.py:\d+; --debug"):
        run(broken)


def test_a_keyboard_interrupt_that_nobody_typed_is_the_tools_fault(monkeypatch):
    def broken(image):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):  # here it may be Ctrl-C
        run(broken)
    caught: list[BaseException] = []

    def elsewhere():
        try:
            run(broken)
        except BaseException as error:
            caught.append(error)

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert isinstance(caught[0], imgen.ToolError)
    before = signal.signal(signal.SIGINT, lambda number, frame: None)  # as the command line has its own
    try:
        with pytest.raises(imgen.ToolError):
            run(broken)
    finally:
        signal.signal(signal.SIGINT, before)

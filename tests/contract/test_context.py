"""What surrounds a run reaches its tools, also in threads of their own."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

import imgen
from imgen.contract.context import Context, Workers, current, note, progress, running, using
from imgen.engine.plugins import installed
from imgen.errors import Cancelled


def in_a_thread(work):
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result()


def test_workers_belong_to_the_run():
    notes: list[str] = []
    seen: list[tuple[float, str]] = []
    context = Context(report=lambda part, label: seen.append((part, label)), notes=notes, device="cpu", label="mine")
    with using(context), Workers(4) as workers:
        assert list(workers.map(lambda i: current() is context, range(8))) == [True] * 8
        list(workers.map(lambda i: note("once"), range(8)))
        workers.submit(progress, 0.5).result()
        context.cancel.set()
        with pytest.raises(Cancelled):
            workers.submit(progress, 0.6).result()
    assert notes == ["once"]
    assert seen == [(0.5, "mine")]


def test_workers_of_two_runs_are_kept_apart():
    with Workers(2) as workers:
        with using(Context(device="cpu")):
            first = workers.submit(lambda: current().device)
        with using(Context(device="cuda")):
            second = workers.submit(lambda: current().device)
    assert (first.result(), second.result()) == ("cpu", "cuda")
    assert imgen.Workers is Workers


def test_a_plain_thread_learns_the_device_of_the_runs_under_way():
    assert in_a_thread(current).device == "auto"
    with running(Context(device="cpu", notes=["x"])):
        assert in_a_thread(current).device == "cpu"
        assert in_a_thread(current).notes == []  # but nothing that may be another run's
        with running(Context(device="cpu")):
            assert in_a_thread(current).device == "cpu"
        with running(Context(device="cuda")):
            assert in_a_thread(current).device == "auto"  # whose would it be?
            assert current().device == "cuda"
        assert in_a_thread(current).device == "cpu"
    assert in_a_thread(current).device == "auto"


def test_a_tools_own_thread_runs_its_models_on_the_device_of_the_run(photo, monkeypatch):
    from imgen.contract.tool import tool_from

    seen: list[str] = []

    def threaded(image: imgen.Image) -> imgen.Image:
        """Look at the device from a plain thread and from a worker."""
        thread = threading.Thread(target=lambda: seen.append(current().device))
        thread.start()
        thread.join()
        with imgen.Workers(1) as workers:
            workers.submit(lambda: seen.append(current().device)).result()
        return image

    made = {"threaded": tool_from(threaded, "test", "1")}
    monkeypatch.setattr(installed(), "_tools", {**installed().tools, **made})
    imgen.Pipeline((imgen.Step("threaded"),)).run(photo, device="cpu", cache=None)
    assert seen == ["cpu", "cpu"]


def test_a_run_inside_a_tool_has_the_device_and_the_cancel_of_the_run_around_it(photo):
    stop = threading.Event()
    stop.set()
    with using(Context(cancel=stop, device="cpu")), pytest.raises(Cancelled):
        imgen.Pipeline().add("crop").run(photo, cache=None)
    with using(Context(device="banana")), pytest.raises(imgen.ImgenError, match="banana"):
        imgen.Pipeline().add("crop").run(photo, cache=None)


def test_a_run_around_another_learns_where_models_ran(photo):
    with using(Context(device="cpu")) as around:
        imgen.Pipeline().add("denoise", noise=10).run(photo, cache=None)
    assert around.devices == {"cpu"}

"""ONNX Runtime: which device runs a model, with how many threads and how much memory."""

from __future__ import annotations

import ctypes.util
import logging
import os
import threading
from collections import OrderedDict
from functools import cache
from pathlib import Path
from typing import Any

from ..contract.context import current, note
from ..errors import Cancelled, DeviceError, ModelError
from .onnxfile import has_external_data
from .watch import watching

LOG = logging.getLogger(__name__)
PROVIDERS = {"cpu": "CPUExecutionProvider", "cuda": "CUDAExecutionProvider"}
KEPT_SESSIONS = 8  # loaded models are reused; the least recently used one goes first

_sessions: OrderedDict[tuple[str, str], Any] = OrderedDict()
_broken: set[str] = set()  # devices that were found and then failed; not tried again by "auto"
_loading: dict[tuple[str, str], threading.Lock] = {}  # models that are being loaded: others need not wait for them
_lock = threading.Lock()  # of the three above; held for moments only


def session(path: Path, checksum: str, device: str | None = None) -> Any:
    """A loaded `onnxruntime.InferenceSession`, shared by all that ask for the same model and device.

    Args:
        path: the ONNX file.
        checksum: its SHA-256; a changed file gets a new session.
        device: "auto", "cpu" or "cuda"; None takes the current run's.

    Raises:
        DeviceError: "cuda" was asked for and does not work here.
        ModelError: ONNX Runtime cannot load the file.
    """
    asked = device or current().device
    wanted = choose(asked)
    try:
        found = kept(path, checksum, wanted)
    except DeviceError:
        if asked == "cuda":
            raise
        with _lock:
            _broken.add(wanted)
        # "auto" may choose, but must say so
        note("CUDA was found but does not work, so the CPU is used; `imgen doctor --device cuda` says more")
        wanted = "cpu"
        found = kept(path, checksum, wanted)
    current().devices.add(wanted)
    return found


def kept(path: Path, checksum: str, device: str) -> Any:
    """The session that is kept for a model on a device, made when there is none. Two models load side by side."""
    key = (checksum, device)
    with _lock:
        if key in _sessions:
            _sessions.move_to_end(key)
            return _sessions[key]
        mine = _loading.setdefault(key, threading.Lock())
    try:
        with mine:
            with _lock:
                found = _sessions.get(key)  # another thread may have loaded it meanwhile
            made = load(path, device) if found is None else found
            with _lock:
                _sessions[key] = made
                _sessions.move_to_end(key)
                while len(_sessions) > KEPT_SESSIONS:
                    _sessions.popitem(last=False)
        return made
    finally:
        with _lock:
            _loading.pop(key, None)


def load(path: Path, device: str) -> Any:
    """A new session on exactly that device.

    Raises:
        ModelError: it cannot be loaded, or has weights outside the file that its checksum covers.
        DeviceError: the device does not work here.
    """
    import onnxruntime

    data = one_file(path)

    options: Any = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads()
    options.inter_op_num_threads = 1
    # A thread that has nothing to do sleeps. By default it looks for work for a while without a pause, which takes
    # the cores from whoever computes meanwhile: another model of an editor, or another program.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # Tiles of one size follow each other, so planned buffers are reused; the arena would keep the largest
    # size it ever saw, and a 24-megapixel photo must fit in little memory.
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 3
    providers: list[Any] = [PROVIDERS[device]]
    if device == "cuda":
        onnxruntime.preload_dlls()  # finds the CUDA libraries that pip install 'imgen[cuda]' brought
        providers = [(PROVIDERS["cuda"], {"arena_extend_strategy": "kSameAsRequested"}), PROVIDERS["cpu"]]
    LOG.debug("loading %s for %s with %d threads", path, device, threads())
    try:
        made = onnxruntime.InferenceSession(data, options, providers=providers)
    except Exception as error:  # onnxruntime raises its own classes, which share no base but Exception
        raise ModelError(
            f"{path} cannot be loaded by ONNX Runtime: {error}; reinstall imgen or export it again"
        ) from error
    if made.get_providers()[0] != PROVIDERS[device]:
        raise DeviceError(cuda_help())
    return made


def run(session: Any, inputs: dict[str, Any], name: str) -> list[Any]:
    """The outputs of a loaded model called `name`; it stops soon after the current run is cancelled.

    Raises:
        ModelError: the inputs do not fit.
        Cancelled: the run was cancelled meanwhile.
    """
    import onnxruntime

    options: Any = onnxruntime.RunOptions()
    cancel = current().cancel
    try:
        with watching(cancel, options):
            return session.run(None, inputs, options)
    except Exception as error:  # onnxruntime raises its own classes, which share no base but Exception
        if cancel.is_set():
            raise Cancelled("cancelled; nothing was changed") from error
        raise ModelError(f"{name} failed: {error}") from error


def one_file(path: Path) -> bytes:
    """An ONNX file that holds all of its weights.

    Raises:
        ModelError: it cannot be read, or names other files.
    """
    try:
        data = path.read_bytes()
        outside = has_external_data(data)
    except (OSError, ValueError) as error:
        raise ModelError(f"{path} cannot be read ({error}); reinstall imgen or export it again") from error
    if outside:
        raise ModelError(
            f"{path} keeps weights in other files, which its checksum does not cover; export it as one file"
        )
    return data


def choose(device: str) -> str:
    """Turn what was asked into "cpu" or "cuda".

    Raises:
        DeviceError: an unknown device, or CUDA that does not work here.
    """
    if device not in ("auto", *PROVIDERS):
        raise DeviceError(f"there is no device {device!r}; use auto, cpu or cuda")
    if device == "cpu":
        return "cpu"
    if device == "auto":
        return "cuda" if "cuda" not in _broken and cuda_works() else "cpu"
    if not cuda_works():
        raise DeviceError(cuda_help())
    return "cuda"


@cache
def cuda_works() -> bool:
    """Whether ONNX Runtime was built for CUDA and a driver is there. Looking for it takes a tenth of a second."""
    import onnxruntime

    driver = ctypes.util.find_library("nvcuda" if os.name == "nt" else "cuda")
    return driver is not None and PROVIDERS["cuda"] in onnxruntime.get_available_providers()


def cuda_help() -> str:
    """What to do where CUDA was asked for and is not to be had."""
    return (
        "CUDA does not work here: it needs an NVIDIA driver and pip install 'imgen[cuda]' "
        "(onnxruntime-gpu with its CUDA and cuDNN libraries); `imgen doctor` shows what is found. "
        "Use --device cpu or auto to go on without"
    )


def threads() -> int:
    """Threads for one model: $IMGEN_THREADS, or the cores that this process may use."""
    given = os.environ.get("IMGEN_THREADS", "")
    if given.isdigit() and int(given) > 0:
        return int(given)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1

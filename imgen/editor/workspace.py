"""One person's work: the photo, the last result, and a private folder for what the page shows of them."""

from __future__ import annotations

import atexit
import re
import secrets
import shutil
import tempfile
import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..cache import size
from ..digests import constant
from ..errors import ImgenError
from ..photo import Photo
from .small import small_copy

LIMIT = 32  # workspaces kept at a time; the one that rested longest goes first
REST = 900.0  # seconds for which the work of a page that went away can be taken up again
RESTING = 512 * 2**20  # bytes of their photos; the one that rests longest goes first


@dataclass
class Workspace:
    """What one open page works on.

    Attributes:
        folder: holds the files that this page may fetch; its name cannot be guessed.
        token: with it the same tab finds its work again after a reload.
        photo: the photo that was opened, as it was in the file.
        small: a small copy of it for live previews; itself, if it is small.
        name: its file name.
        serial: how many photos were opened here; strokes and results belong to one of them.
        result: what the last run made of the photo.
        pictures: second pictures that were uploaded for a step, by token.
        uploads: files that Gradio stored for this page.
        running: for each kind of run (run, preview, batch) the one under way: the page's number and what stops it.
        cancelled: numbers of runs that were cancelled, some before they began.
    """

    folder: Path
    token: str = field(default_factory=secrets.token_urlsafe)
    photo: Photo | None = None
    small: Photo | None = None
    name: str = ""
    serial: int = 0
    result: Photo | None = None
    pictures: dict[str, NDArray[np.float32] | str] = field(default_factory=dict[str, NDArray[np.float32] | str])
    uploads: set[Path] = field(default_factory=set[Path])
    running: dict[str, tuple[str, threading.Event]] = field(default_factory=dict[str, tuple[str, threading.Event]])
    cancelled: set[str] = field(default_factory=set[str])

    def place(self, purpose: str, name: str, keep: int = 0) -> Path:
        """A path for a new file; those that served the same purpose before are deleted, but for the last `keep`."""
        before = sorted(self.folder.glob(f"{purpose}-*"), key=lambda old: old.stat().st_mtime_ns, reverse=True)
        for old in before[keep:]:
            shutil.rmtree(old, ignore_errors=True)
        folder = (
            self.folder / f"{purpose}-{secrets.token_hex(4)}"
        )  # a new address, so that no browser shows a stale one
        folder.mkdir()
        return folder / safe_name(name)

    def begin(self, photo: Photo, name: str) -> None:
        """Work on another photo; nothing of the one before is kept."""
        self.stop_all("run", "preview")
        self.photo, self.small, self.name, self.result = photo, small_copy(photo), name, None
        self.serial += 1

    def start(self, kind: str, run: str) -> threading.Event:
        """A run begins, and the one of its kind before it stops: the latest wins. Returns what stops this one."""
        self.stop_all(kind)
        cancel = threading.Event()
        self.running[kind] = run, cancel
        if run in self.cancelled:
            cancel.set()
        return cancel

    def stop(self, run: str) -> None:
        """Stop that run, also if it still waits for its turn; others under way go on."""
        self.cancelled.add(run)
        for number, cancel in self.running.values():
            if number == run:
                cancel.set()

    def stop_all(self, *kinds: str) -> None:
        """Stop what is under way of these kinds."""
        for kind in kinds:
            if kind in self.running:
                self.running[kind][1].set()

    def keep(self, picture: NDArray[np.float32] | str) -> str:
        """Remember a second picture, an array or a PNG as a recipe carries it; returns its token."""
        token = secrets.token_urlsafe(12)
        self.pictures[token] = picture if isinstance(picture, str) else constant(picture)
        return token

    def close(self) -> None:
        """Stop what is under way and delete every file."""
        self.stop_all(*self.running)
        shutil.rmtree(self.folder, ignore_errors=True)
        for upload in self.uploads:
            upload.unlink(missing_ok=True)


class Workspaces:
    """The workspaces of all open pages, each found only by its own page's session."""

    def __init__(self, limit: int = LIMIT) -> None:
        self.root = Path(tempfile.mkdtemp(prefix="imgen-editor-")).resolve()
        self.limit = limit
        self._open: OrderedDict[str, Workspace] = OrderedDict()
        self._resting: OrderedDict[str, Workspace] = OrderedDict()  # of closed pages, by token: photos without files
        self._lock = threading.Lock()
        atexit.register(self.close_all)

    def of(self, session: str | None) -> Workspace:
        """The workspace of that session; a new one the first time.

        Raises:
            ImgenError: the request belongs to no session.
        """
        if not session:
            raise ImgenError("the editor needs a session; open its page in a browser")
        dropped: list[Workspace] = []
        with self._lock:
            if session not in self._open:
                folder = self.root / secrets.token_urlsafe(16)
                folder.mkdir(mode=0o700)
                self._open[session] = Workspace(folder)
            self._open.move_to_end(session)
            while len(self._open) > self.limit:
                dropped.append(self._open.popitem(last=False)[1])
            found = self._open[session]
        for workspace in dropped:
            workspace.close()
        return found

    def close(self, session: str | None) -> None:
        """A page went away: delete its files. Its photo rests in memory for a while, as the page may come back."""
        with self._lock:
            workspace = self._open.pop(session or "", None)
        if workspace is None:
            return
        workspace.close()
        if workspace.photo is not None:
            self._rest(workspace)

    def _rest(self, workspace: Workspace) -> None:
        workspace.result = None
        with self._lock:
            self._resting[workspace.token] = workspace
            while sum(size(w.photo) for w in self._resting.values() if w.photo is not None) > RESTING:
                self._resting.popitem(last=False)
        timer = threading.Timer(REST, self._forget, [workspace.token])
        timer.daemon = True
        timer.start()

    def _forget(self, token: str) -> None:
        with self._lock:
            self._resting.pop(token, None)

    def restore(self, token: str, session: str | None) -> Workspace | None:
        """Give the work with that token to a page that was loaded again; None where it is no longer here.

        The page that had it may not have been noticed to be gone; both then have the photo, and each its own files.
        """
        workspace = self.of(session)
        with self._lock:
            old = self._resting.pop(token, None) or next((w for w in self._open.values() if w.token == token), None)
        if old is None or old.photo is None:
            return None
        workspace.begin(old.photo, old.name)
        workspace.pictures = dict(old.pictures)
        return workspace

    def close_all(self) -> None:
        """Forget all sessions and delete the folder that holds their files."""
        for session in list(self._open):
            self.close(session)
        shutil.rmtree(self.root, ignore_errors=True)


def safe_name(name: str) -> str:
    """A file name without characters that some system refuses."""
    return re.sub(r"[^\w.-]+", "_", name).strip("._") or "photo"

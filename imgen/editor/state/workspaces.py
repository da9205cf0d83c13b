"""The work of all open pages, each found only by its own page's session."""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections import Counter, OrderedDict
from contextlib import suppress

from ...errors import ImgenError
from .budget import Budget
from .folder import private_folder
from .workspace import Workspace

LOG = logging.getLogger(__name__)
MEMORY = 32 * 2**20  # bytes of work in memory; beyond, the work that rested longest waits on disk
REST = 900.0  # seconds for which the work of a page that went away can be taken up again, and a picture of no step
RESTING = 1 / 8  # of the budget: what closed pages may keep from open ones
EMPTY = 256  # sessions without any work that are remembered; they hold nothing, and evict nobody
LOOK = 60.0  # seconds between two looks for work that was not taken up again


class Workspaces:
    """Nobody's work is thrown away for another's: what does not fit is refused before it is decoded.

    Args:
        budget: of all work.
        memory: bytes of it in memory.
    """

    def __init__(self, budget: Budget | None = None, memory: int = MEMORY) -> None:
        self.root = private_folder() / "pages"
        self.budget = budget or Budget()
        self.memory = memory
        self._open: OrderedDict[str, Workspace] = OrderedDict()
        self._resting: OrderedDict[str, Workspace] = OrderedDict()  # of closed pages, by token
        self._pages: Counter[str] = Counter()  # sessions whose page is open, as its heartbeat tells
        self._lock = threading.RLock()
        self._settling = threading.Lock()
        self._timer: threading.Timer | None = None

    def of(self, session: str | None) -> Workspace:
        """The workspace of that session; a new one the first time.

        Raises:
            ImgenError: the request belongs to no session.
        """
        if not session or len(session) > 100:
            raise ImgenError("the editor needs a session; open its page in a browser")
        with self._lock:
            if session not in self._open:
                self._open[session] = self._awake(session) or Workspace(
                    self.root / secrets.token_urlsafe(16), self.budget
                )
                self._forget_empty()
            self._open.move_to_end(session)
            found = self._open[session]
            found.used = time.monotonic()
            self._look_again()
        return found

    def _awake(self, session: str) -> Workspace | None:
        """The work of a page that only seemed to go: its machine slept, or its user was asked and stayed."""
        return self._resting.pop(next((t for t, w in self._resting.items() if w.session == session), ""), None)

    def _forget_empty(self) -> None:
        """Forget the oldest of too many sessions that hold no work."""
        empty = [session for session, workspace in self._open.items() if workspace.empty]
        for session in empty[: max(0, len(empty) - EMPTY)]:
            self._open.pop(session).close()

    def settle(self) -> None:
        """Call it after work has grown: what is too much for the memory goes to disk, the longest unused first."""
        if not self._settling.acquire(blocking=False):
            return  # it is being done
        try:
            with self._lock:
                known = [*self._resting.values(), *self._open.values()]
            held = sum(workspace.in_memory() for workspace in known)
            for workspace in known:
                if held <= self.memory:
                    return
                before = workspace.in_memory()
                workspace.to_disk()
                held -= before - workspace.in_memory()
        except OSError as error:
            LOG.warning("open work stays in memory, as it cannot be written to %s: %s", self.root.parent, error)
        finally:
            self._settling.release()

    def arrived(self, session: str) -> None:
        """A page of that session is open."""
        with self._lock:
            self._pages[session] += 1

    def left(self, session: str) -> None:
        """A page of that session is no longer open."""
        with self._lock:
            self._pages[session] -= 1
            if self._pages[session] < 1:
                del self._pages[session]

    def close(self, session: str | None) -> None:
        """A page went away: delete its files. Its photo rests for a while, as the page may come back."""
        with self._lock:  # in one go: the page that comes back may ask at once
            workspace = self._open.pop(session or "", None)
            if workspace is None:
                return
            workspace.used, workspace.session = time.monotonic(), session or ""
            if workspace.photo is not None:
                self._resting[workspace.token] = workspace
                self._look_again()
        if workspace.photo is None:
            workspace.close()
            return
        workspace.hide()
        with suppress(OSError):  # no room: it stays in memory
            workspace.to_disk()
        with self._lock:
            self._bound_resting()

    def _bound_resting(self) -> None:
        """Forget what rested longest where closed pages hold too much; the latest may always come back."""
        held = {
            token: sum(self.budget.of(token, of) for of in ("photo", "pictures", "shelf")) for token in self._resting
        }
        while len(self._resting) > 1 and sum(held.values()) > self.budget.limit * RESTING:
            token, oldest = self._resting.popitem(last=False)
            oldest.close()
            del held[token]

    def restore(self, token: str, session: str | None) -> Workspace | None:
        """Give the work with that token to a page that was loaded again; None where it is no longer here.

        The page that had it may not have been noticed to be gone; both then have the photo, and each its own files.
        """
        workspace = self.of(session)
        with self._lock:
            old = self._known_as(token)
            if old is None or old.photo is None:
                return None
            resting = self._resting.pop(old.token, None)
            pictures = self.budget.of(old.token, "pictures")
            if resting:
                self.budget.release(old.token)  # it is the same work under another name
            try:
                workspace.adopt(old, pictures)
            except ImgenError:
                if resting:
                    self._resting[old.token] = resting
                raise
        return workspace

    def _known_as(self, token: str) -> Workspace | None:
        """The work with that token, or else what took it over: pages are loaded again before they are told the next."""
        known = [*self._resting.values(), *self._open.values()]
        same = next((w for w in known if w.token == token), None)
        return same or next((w for w in reversed(known) if token in w.former), None)

    def _look_again(self) -> None:
        """Look for forgotten work in a minute, and again as long as there is any."""
        if self._timer is None and (self._open or self._resting):
            self._timer = threading.Timer(LOOK, self._look)
            self._timer.daemon = True
            self._timer.start()

    def _look(self) -> None:
        with self._lock:
            self._timer = None
            self.forget(time.monotonic() - REST)
            self._look_again()

    def forget(self, since: float) -> None:
        """Delete the work of pages that are gone and that nobody asked for since then, and pictures of no step."""
        with self._lock:
            for known in (self._resting, self._open):
                late = [key for key, w in known.items() if w.used < since and not self._pages[key] and not w.running]
                for key in late:
                    known.pop(key).close()
                for workspace in known.values():
                    workspace.forget_pictures(since)

    def close_all(self) -> None:
        """Forget all sessions and delete their files."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
            for workspace in (*self._open.values(), *self._resting.values()):
                workspace.close()
            self._open.clear()
            self._resting.clear()

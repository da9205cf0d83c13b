"""Run a pipeline in a thread of its own and report how it goes."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field

from ...engine.cache import Cache
from ...engine.pipeline import Pipeline
from ...errors import Cancelled, ImgenError
from ...image.disk import let_all_go
from ...image.photo import Photo
from .shares import Aside, Shares

THREAD = "imgen-run"  # the name of threads in which pipelines run
PAUSE = 0.15  # seconds between two reports: smooth to look at, little to send


@dataclass
class Report:
    """How a run goes: on its way, or ended with a result or an error."""

    done: float = 0.0
    tool: str = ""
    ahead: int = 0  # how many runs are before it
    step: int = 0
    steps: int = 0
    result: Photo | None = None
    error: str = ""
    cancelled: bool = False
    notes: list[str] = field(default_factory=list[str])

    @property
    def ended(self) -> bool:
        """Whether nothing more comes."""
        return self.cancelled or bool(self.error) or self.result is not None


@dataclass
class Run:
    """One run of a pipeline on a photo.

    Attributes:
        shares: of the cores; None takes what there is.
        short: whether it is a preview, for which others step aside.
        without: tools that were left out of it.
        shows: the place of the step whose mask is looked at; -1 for none.
    """

    pipeline: Pipeline
    photo: Photo | None
    device: str
    cache: Cache | None
    cancel: threading.Event
    shares: Shares | None = None
    short: bool = False
    preview: bool = False
    without: tuple[str, ...] = ()
    shows: int = -1

    def reports(self) -> Iterator[Report]:
        """Start; yields a report now and then, and the last one when all is over. Closing it cancels the run."""
        news: queue.SimpleQueue[Report] = queue.SimpleQueue()
        over = threading.Event()
        threading.Thread(target=self._work, args=(news, over), name=THREAD, daemon=True).start()
        try:
            latest = Report()
            while not latest.ended:
                over.wait(PAUSE)  # what is over before has no progress to tell, which the page would have to draw
                latest = news.get()
                while not latest.ended and not news.empty():
                    latest = news.get()
                yield latest
        finally:
            self.cancel.set()

    def _work(self, news: queue.SimpleQueue[Report], over: threading.Event) -> None:
        """Run, and put what happens into `news`; the last report has ended."""
        notes: list[str] = []
        steps = [step for step in self.pipeline.steps if step.enabled]
        working = ""
        aside = None if self.shares is None or self.short else Aside(self.shares, self.cancel)

        def tell(done: float, tool: str) -> None:
            nonlocal working
            working = tool
            at = min(len(steps), 1 + int(done * len(steps) + 1e-6))
            news.put(Report(done, tool, step=at, steps=len(steps), notes=[*notes]))
            if aside is not None:
                let_all_go()  # of the steps before, too, and of their results
                aside.step()

        try:
            with self.shares.short() if self.shares and self.short else nullcontext():
                result = self.pipeline.run(
                    self.photo,
                    progress=tell,
                    cancel=self.cancel,
                    device=self.device,
                    cache=self.cache,
                    notes=notes,
                    preview=self.preview,
                )
            news.put(Report(1.0, result=result, notes=notes))
        except Cancelled:
            news.put(Report(cancelled=True, notes=notes))
        except ImgenError as error:
            text = str(error) if working in str(error) else f"{working}: {error}"
            news.put(Report(error=text, notes=notes))
        except MemoryError:
            news.put(Report(error="there is not enough memory for this photo; crop it, or close other programs"))
        except Exception as error:  # a defect of imgen: the page must hear of it, and no one else may suffer
            news.put(Report(error=f"imgen failed: {error!r}; please report this", notes=notes))
        finally:
            let_all_go()
            over.set()

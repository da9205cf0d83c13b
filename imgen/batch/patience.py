"""Reading and writing again where a disk or store fails to answer, with longer and longer pauses."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from ..errors import ImgenError, PhotoError
from .store import LASTING, is_url

LOG = logging.getLogger(__name__)
T = TypeVar("T")


class UnansweredError(Exception):
    """A file or store did not answer, however often it was asked."""


def patiently(action: Callable[[], T], name: str, tries: int, pause: float) -> T:
    """Do it, again if that fails for reasons that may pass.

    Args:
        action: what reads or writes.
        name: the file or object.
        tries: how often at most.
        pause: seconds before the second try; twice as long before each further one.

    Raises:
        PhotoError: it cannot be done, and no further try would help.
        UnansweredError: it failed too often.
    """
    for left in range(tries - 1, -1, -1):
        try:
            return action()
        except LASTING as error:
            raise PhotoError(f"{name}: {error.strerror or 'does not exist'}") from error
        except (ImgenError, MemoryError):
            raise
        except Exception as error:  # each kind of store has errors of its own
            if not is_url(name) and not isinstance(error, OSError):
                raise
            if not left:
                said = getattr(error, "strerror", None) or error
                raise UnansweredError(f"{name}: {said} ({tries} tries)") from error
            LOG.info("%s: %s; once more in %.1f s", name, error, pause)
            time.sleep(pause)
            pause *= 2
    raise AssertionError

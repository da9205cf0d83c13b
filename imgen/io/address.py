"""Addresses beside paths: s3://bucket/a.jpg, gs://, https://; fsspec reaches them."""

from __future__ import annotations

import re
from typing import Any

from ..errors import PhotoError

URL = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)


def is_url(name: str) -> bool:
    """Whether a name is an address and not a path of this machine."""
    return URL.match(name) is not None


def opened(url: str) -> tuple[Any, str]:
    """The file system of an address, and its path there.

    Raises:
        PhotoError: nothing that is installed can reach it.
    """
    from fsspec.core import url_to_fs

    try:
        return url_to_fs(url)
    except ImportError as error:
        raise PhotoError(f"{url}: {str(error).rstrip('.')}; pip install it beside imgen") from error
    except ValueError as error:
        raise PhotoError(f"{url} cannot be reached: {error}") from error

"""Fetch a model that lives at a URL. Only `imgen models get` does that, as the user asked for it by name."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urljoin, urlsplit

import pooch
import requests
from pooch.downloaders import HTTPDownloader
from requests import exceptions

from ..contract.card import safe_address
from ..errors import ModelError
from .files import fetched, file_checksum, stamp
from .registry import Model

TIMEOUT = 30  # seconds without an answer


def fetch(model: Model, *, progress: bool = True) -> Path:
    """Download a model's ONNX file, check its SHA-256 and put it where the model is looked for.

    Args:
        model: one whose card names a url; its licence and size are the card's, too.
        progress: whether a bar is drawn on stderr.

    Returns:
        The file. What fails leaves nothing behind, and an older file as it was.

    Raises:
        ModelError: the card names no url, no answer or a wrong one, or the file cannot be saved.
    """
    about = model.about
    if about.url is None or about.bytes is None:
        raise ModelError(f"{model.name} comes with {model.origin} and has no url; there is nothing to fetch")
    target = fetched(model.name, about.sha256)
    pooch.get_logger().setLevel("WARNING")  # the command says the same in its own words
    load = downloader(about.bytes, progress=progress)
    try:
        pooch.retrieve(about.url, f"sha256:{about.sha256}", target.name, target.parent, downloader=load)
    except exceptions.RequestException as error:
        raise ModelError(f"{model.name} was not fetched: {reason(error, about.url)}") from error
    except ValueError as error:  # pooch's word for another checksum
        raise ModelError(
            f"{model.name} was not fetched: what {urlsplit(about.url).netloc} sent is not the file that the card "
            "describes (its SHA-256 differs); nothing of it was kept, tell the plugin's author"
        ) from error
    except OSError as error:
        raise ModelError(f"{model.name} cannot be saved in {target.parent}: {error.strerror}") from error
    return target


def needed(model: Model) -> bool:
    """Whether a model at a URL is not here yet, or not whole."""
    return not model.here or file_checksum(model.path, stamp(model.path)) != model.checksum


def downloader(size: int, *, progress: bool) -> Any:
    """Pooch's downloader over addresses that `safe_address` allows, of no more bytes than the card says.

    What ~/.netrc has is not sent to the card's address; each answer is looked at before a redirection is followed.
    """
    load = HTTPDownloader(
        progressbar=progress,
        timeout=TIMEOUT,
        auth=nobody,
        headers={"Accept-Encoding": "identity"},
        hooks={"response": follow},
    )

    def download(url: str, path: str, *_: object) -> None:
        with open(path, "wb") as file:
            load(url, Limited(file, size), None)

    return download


def nobody(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """The request as it is, without anybody's name and password."""
    return request


class Limited:
    """A file to write into, up to a size."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self.file, self.left = file, size

    def write(self, data: bytes) -> None:
        """Write, unless it would be too much.

        Raises:
            ModelError: it would.
        """
        self.left -= len(data)
        if self.left < 0:
            raise ModelError("more was sent than the card says; nothing of it was kept, tell the plugin's author")
        self.file.write(data)

    def flush(self) -> None:
        """Flush."""
        self.file.flush()


def follow(answer: requests.Response, *args: Any, **options: Any) -> None:
    """Look at an answer before a redirection in it is followed.

    Raises:
        ModelError: it leads to another scheme, or to an address that a card must not name.
    """
    if not answer.is_redirect:
        return
    here, there = answer.url, urljoin(answer.url, answer.headers["location"])
    try:
        safe_address(there)
        same = urlsplit(here).scheme == urlsplit(there).scheme
    except ValueError:
        same = False
    if not same:
        raise ModelError(
            f"{urlsplit(here).netloc} sends one on to {there}, which is not as safe; nothing was fetched, tell the "
            "plugin's author"
        )


def reason(error: exceptions.RequestException, url: str) -> str:
    """Why nothing came, and what to do, as a part of a sentence."""
    host = urlsplit(url).netloc
    if isinstance(error, exceptions.HTTPError) and error.response is not None:
        return f"{host} answered {error.response.status_code} {error.response.reason}; tell the plugin's author"
    if isinstance(error, exceptions.ProxyError):
        return f"the proxy in ${proxy_variable()} does not let it through; mend or unset that"
    if isinstance(error, exceptions.SSLError):
        return (
            f"{host} has no certificate that this machine trusts; behind a proxy that makes its own, name its file in "
            "$REQUESTS_CA_BUNDLE"
        )
    if isinstance(error, exceptions.Timeout):
        return f"{host} did not answer within {TIMEOUT} seconds; try again later"
    if isinstance(error, exceptions.ChunkedEncodingError):
        return f"{host} stopped in the middle; nothing of it was kept, try again"
    return f"{host} cannot be reached; is this machine online? behind a proxy, set $HTTPS_PROXY"


def proxy_variable() -> str:
    """The variable of the environment that names the proxy."""
    names = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy")
    return next((name for name in names if os.environ.get(name)), names[0])

"""Files of the private folder over HTTP: uploads come in, and what somebody was told the address of goes out."""

from __future__ import annotations

import errno
import mimetypes
import os
import re
import secrets
import shutil
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

import anyio
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.types import Message

from ...errors import ImgenError
from .budget import Budget
from .naming import safe_name

SHOWN = ("image/jpeg", "image/png", "image/webp", "image/gif")  # a browser may show these; the rest it only saves
BLOCK = 2**18
LITTLE = 2**20  # bytes of a file that is sent at once: it was just written, so it comes from memory
MOST_FILES = 100  # in one upload
UNCLAIMED = 3600.0  # seconds that an upload waits for the page or program to name it, and a result to be fetched
LOST = "the upload got lost; try again"
GONE = "this file is no longer here; it went with its page, or a newer one took its place"
SECRET = re.compile(r"[A-Za-z0-9_-]{16,}")


class Files:
    """Files below one folder, each in a folder whose name is a secret of those who may have it.

    Args:
        root: the private folder; what lies below `pages` and `results` in it goes out.
        budget: what may lie in `uploads`.
        largest: bytes of one upload.
    """

    def __init__(self, root: Path, budget: Budget, largest: int) -> None:
        self.root = root
        self.budget = budget
        self.largest = largest
        self._claimed: set[Path] = set()

    def answer(self, asked: str, head: bool = False) -> Response:
        """The file with that path, or 404: also for one that exists and is not to be had.

        Args:
            asked: the path behind `file=`.
            head: only the headers.
        """
        try:
            file = self._open(asked)
        except (OSError, ValueError):  # ValueError: a NUL in the path
            return PlainTextResponse(GONE, 404)
        about = os.fstat(file.fileno())
        name = Path(asked).name
        kind = mimetypes.guess_type(name)[0]
        shown = kind if kind in SHOWN else "application/octet-stream"
        headers = {
            "Content-Length": str(about.st_size),
            "Content-Disposition": f"{'inline' if kind in SHOWN else 'attachment'}; filename*=UTF-8''{quote(name)}",
        }
        if head or about.st_size <= LITTLE:
            with file:
                return Response(None if head else file.read(), 200, headers, shown)
        return StreamingResponse(blocks(file), 200, headers, shown)

    def _open(self, asked: str) -> BinaryIO:
        """Open a file; once that is done it can be deleted and is still sent whole.

        Raises:
            OSError: there is no such file, or it is nobody's to have.
        """
        path = Path(asked)
        try:
            inside = path.relative_to(self.root).parts
        except ValueError as error:
            raise FileNotFoundError(errno.ENOENT, GONE) from error
        # the root's own folders, then a secret, then names; uploads are never given back
        served = len(inside) >= 3 and inside[0] in ("pages", "results") and SECRET.fullmatch(inside[1])
        plain = path.as_posix() == asked.replace("\\", "/") and path.resolve() == path  # nothing here is a link
        if not served or not plain:
            raise FileNotFoundError(errno.ENOENT, GONE)
        return path.open("rb")

    async def upload(self, request: Request) -> Response:
        """Store the files of a form; answers with their paths, each with a secret of its own."""
        try:
            size = int(request.headers.get("content-length", ""))
        except ValueError:
            return PlainTextResponse("an upload must say its length", 411)
        if size > self.largest:
            return PlainTextResponse(f"an upload may have {self.largest >> 20} MiB at most", 413)
        if not request.headers.get("content-type", "").startswith("multipart/form-data"):
            return PlainTextResponse("an upload is a form with files", 400)
        token = secrets.token_urlsafe(16)
        folder = self.root / "uploads" / token
        try:
            self._forget_old()
            self.budget.reserve(f"upload {token}", size)
            made = await self._store(counted(request, size), folder)
        except (ImgenError, OSError, MultiPartException, HTTPException, ClientDisconnect) as error:
            self.drop(folder)
            text = str(getattr(error, "message", None) or getattr(error, "detail", None) or error)
            return PlainTextResponse(text, 507 if isinstance(error, (ImgenError, OSError)) else 400)
        if not made:
            self.drop(folder)
            return PlainTextResponse("the form holds no files", 400)
        return JSONResponse(made)

    async def _store(self, request: Request, folder: Path) -> list[str]:
        made: list[str] = []
        async with request.form(max_files=MOST_FILES, max_fields=MOST_FILES) as form:
            folder.mkdir(mode=0o700)
            for given in form.getlist("files"):
                if not isinstance(given, UploadFile):
                    continue
                place = folder / secrets.token_urlsafe(8) / safe_name(Path(given.filename or "").name)[-120:]
                place.parent.mkdir(mode=0o700)
                await anyio.to_thread.run_sync(copy, given, place)
                made.append(str(place))
        return made

    def may_be_upload(self, path: str) -> bool:
        """Whether a path could be that of an upload, without looking at the disk."""
        try:
            inside = Path(path).relative_to(self.root / "uploads").parts
        except ValueError:
            return False
        return len(inside) == 3 and ".." not in inside and "\0" not in path

    def upload_at(self, path: str) -> Path:
        """The place of an upload, as its sender was told.

        Raises:
            ImgenError: it is no upload: nobody may name other files of this machine.
        """
        found = Path(path)
        if not self.may_be_upload(path) or found.resolve() != found or not found.is_file():
            raise ImgenError(LOST)
        return found

    def claim(self, uploads: Iterable[Path]) -> None:
        """These will be taken, however late."""
        self._claimed.update(upload.parents[1] for upload in uploads)

    def taken(self, upload: Path) -> None:
        """A file of an upload was read and is needed no more; nothing happens to other files."""
        if not upload.is_relative_to(self.root / "uploads"):
            return
        shutil.rmtree(upload.parent, ignore_errors=True)
        with suppress(FileNotFoundError):
            if not any(upload.parents[1].iterdir()):
                self.drop(upload.parents[1])

    def result(self, name: str) -> Path:
        """A place for what a program asked for; it may be fetched for an hour."""
        self._forget_old()
        folder = self.root / "results" / secrets.token_urlsafe(16)
        folder.mkdir(mode=0o700)
        return folder / safe_name(name)

    def keep_result(self, path: Path) -> None:
        """Count a result that was written.

        Raises:
            ImgenError: there is no room for it; it is deleted.
        """
        try:
            self.budget.reserve(f"result {path.parent.name}", path.stat().st_size)
        except ImgenError:
            shutil.rmtree(path.parent, ignore_errors=True)
            raise

    def _forget_old(self) -> None:
        """Delete the uploads that nobody opened, and results that were there for an hour."""
        for folder in (*(self.root / "uploads").iterdir(), *(self.root / "results").iterdir()):
            with suppress(FileNotFoundError):  # it was taken meanwhile
                if folder not in self._claimed and time.time() - folder.stat().st_mtime > UNCLAIMED:
                    self.drop(folder)

    def drop(self, folder: Path) -> None:
        """Delete an upload or a result."""
        self._claimed.discard(folder)
        shutil.rmtree(folder, ignore_errors=True)
        self.budget.release(f"{folder.parent.name[:-1]} {folder.name}")  # uploads, results


def copy(given: UploadFile, place: Path) -> None:
    """Write an uploaded file."""
    with place.open("xb") as file:
        shutil.copyfileobj(given.file, file, BLOCK)


async def blocks(file: BinaryIO) -> AsyncIterator[bytes]:
    """The contents of an open file, which is closed at the end."""
    with file:
        while block := await anyio.to_thread.run_sync(file.read, BLOCK):
            yield block


def counted(request: Request, largest: int) -> Request:
    """The request, whose body may not be longer than that, whatever its header says."""
    receive, seen = request.receive, 0

    async def count() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > largest:
            raise MultiPartException("the upload is longer than its header says")
        return message

    return Request(request.scope, count)

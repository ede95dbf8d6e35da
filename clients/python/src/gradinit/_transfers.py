"""What uploads and downloads of both clients share: names and handles of files, the partial file, the check of bytes and sha256."""

from __future__ import annotations

import hashlib
import os
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any, Iterable, Mapping, Union

from .errors import DownloadCorrupt, ServiceError

#: A path, or a name with its bytes or an open binary file.
UploadFile = Union[str, "os.PathLike[str]", tuple[str, Union[bytes, IO[bytes]]]]


def open_files(files: Iterable[UploadFile], stack: ExitStack) -> list[tuple[str, tuple[str, Any]]]:
    """Multipart fields; paths are opened and closed with the stack, so that they stream from disk."""
    fields = []
    for file in files:
        if isinstance(file, tuple):
            name, content = file
        else:
            path = Path(file)
            name, content = path.name, stack.enter_context(path.open("rb"))
        fields.append(("file", (name, content)))
    return fields


def find_artifact(listed: Iterable[Mapping[str, Any]], name: str) -> Mapping[str, Any]:
    by_name = {artifact["name"]: artifact for artifact in listed}
    if name not in by_name:
        raise ServiceError(404, "ARTIFACT_NOT_FOUND", f"there is no artifact {name!r}; there are {', '.join(by_name)}")
    return by_name[name]


def place_of(folder: Union[str, "os.PathLike[str]"], name: str) -> Path:
    """Where an artifact goes; a name never leaves the folder."""
    parts = name.split("/")
    if any(part in ("", ".", "..") or "\\" in part or "\0" in part for part in parts):
        raise ServiceError(200, "SERVICE_ANSWER", f"{name!r} is no name of an artifact")
    return Path(folder).joinpath(*parts)


class PartialDownload:
    """FILE.part: what arrived is kept and continued; the file gets its name only with the promised bytes and sha256."""

    def __init__(self, target: Path, artifact: Mapping[str, Any]) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        self.target = target
        self.artifact = artifact
        self.part = target.with_name(target.name + ".part")

    def headers(self) -> dict[str, str]:
        """Asks for the rest; If-Range makes a server with other content send all of it."""
        have = self.part.stat().st_size if self.part.exists() else 0
        return {"Range": f"bytes={have}-", "If-Range": f'"{self.artifact["sha256"]}"'} if have else {}

    def open(self, status: int) -> IO[bytes]:
        return self.part.open("ab" if status == 206 else "wb")

    def finish(self) -> Path:
        digest = hashlib.sha256()
        size = 0
        with self.part.open("rb") as file:
            while chunk := file.read(1 << 20):
                digest.update(chunk)
                size += len(chunk)
        if size != self.artifact["bytes"] or digest.hexdigest() != self.artifact["sha256"]:
            self.part.unlink()
            raise DownloadCorrupt(f"{self.target.name}: {size} bytes arrived that are not those of the listing")
        os.replace(self.part, self.target)
        return self.target

    def is_complete(self) -> bool:
        return self.part.exists() and self.part.stat().st_size >= self.artifact["bytes"]

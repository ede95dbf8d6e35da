"""The synchronous client.

    with gradinit.Client("http://127.0.0.1:8080") as client:
        job = client.submit({"model": ..., "dataset": {"ref": "builtin:digits"}, "method": {"name": "gradinit"}})
        client.wait(job["id"])
        client.download(job["id"], "weights.safetensors", "out")
"""

from __future__ import annotations

import os
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Iterator, Mapping, Optional, Union

import httpx
from httpx_sse import connect_sse

from . import _flows as flows
from ._flows import Flow, Pause, Request, T
from ._resources import Comparisons, Resources, Webhooks
from ._transfers import PartialDownload, UploadFile, find_artifact, open_files, place_of
from .errors import ServiceError

PathLike = Union[str, "os.PathLike[str]"]


class Client(Resources):
    """One service. Every method raises ServiceError with the service's own code, or ServiceUnreachable.

    url: of the service; default GRADINIT_URL, else http://127.0.0.1:8080
    api_key: bearer token; default GRADINIT_API_KEY, none for a server without keys
    retries: repetitions after the first try
    timeout_seconds: longest time until the head of an answer arrives, beyond what a long poll asks for
    """

    def __init__(
        self,
        url: Optional[str] = None,
        api_key: Optional[str] = None,
        *,
        retries: int = 6,
        timeout_seconds: float = 60.0,
        transport: Optional[httpx.BaseTransport] = None,
    ) -> None:
        super().__init__(url, api_key, retries, timeout_seconds)
        self._http = httpx.Client(base_url=self.url, headers=self._headers, timeout=timeout_seconds, transport=transport)
        self.comparisons = Comparisons(self._run, retries)
        self.webhooks = Webhooks(self._run, retries)

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    def _exchange(self, request: Request) -> httpx.Response:
        response = self._http.request(
            request.method,
            request.path,
            params=dict(request.params),
            headers=dict(request.headers),
            json=request.json,
            files=request.files,
            timeout=httpx.Timeout(self.timeout_seconds + request.extra_seconds),
        )
        response.read()
        return response

    def _run(self, flow: Flow[T]) -> T:
        try:
            step = next(flow)
            while True:
                if isinstance(step, Pause):
                    time.sleep(step.seconds)
                    step = flow.send(None)
                    continue
                try:
                    response = self._exchange(step)
                except httpx.TransportError as error:
                    step = flow.throw(error)
                else:
                    step = flow.send(response)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]

    def events(self, job_id: str, *, after: str = "") -> Iterator[Mapping[str, Any]]:
        """Events of a job in order, `id`, `type` and their data, until it has ended; reconnects by itself."""
        last, failures = after, 0
        while True:
            try:
                headers = {"Last-Event-ID": last} if last else {}
                url = flows.segments("jobs", job_id, "events")
                with connect_sse(self._http, "GET", url, headers=headers, timeout=httpx.Timeout(60.0)) as source:
                    if source.response.status_code >= 400:
                        source.response.read()
                        raise ServiceError.of(source.response)
                    for event in source.iter_sse():
                        if not event.id:
                            continue
                        last, failures = event.id, 0
                        yield {"id": event.id, "type": event.event, **event.json()}
            except (httpx.TransportError, httpx.StreamError) as cause:
                failures += 1
                if failures > self.retries:
                    raise flows.unreachable(cause) from cause
            except ServiceError as error:
                failures += 1
                if failures > self.retries or not flows.is_passing(error):
                    raise
            if self.get(job_id)["status"] in flows.FINISHED and not self._newer_events(job_id, last):
                return
            time.sleep(flows.pause_seconds(max(1, failures), None))

    def _newer_events(self, job_id: str, last: str) -> bool:
        request = Request("GET", flows.segments("jobs", job_id, "events"), params={"after": last, "limit": 1} if last else {"limit": 1})
        return bool(self._run(flows.read_json(request, self.retries))["events"])

    def upload(self, *files: UploadFile, kind: Optional[str] = None) -> Any:
        """Uploads the files of one dataset, a topology or weights, streamed from disk; equal content gives the upload that is there."""
        with ExitStack() as stack:
            request = Request("POST", "/v1/datasets", params={"kind": kind} if kind else {}, files=open_files(files, stack), extra_seconds=3600, repeatable=False)
            return self._run(flows.read_json(request, self.retries))

    def download(self, job_id: str, name: str, folder: PathLike = ".") -> Path:
        """One artifact below `folder`, resumed after a broken connection and checked by its sha256."""
        return self._download(job_id, find_artifact(self.artifacts(job_id), name), folder)

    def download_all(self, job_id: str, folder: PathLike = ".", *, prefix: str = "") -> list[Path]:
        """Every artifact whose name begins with `prefix`, below `folder`."""
        return [self._download(job_id, artifact, folder) for artifact in self.artifacts(job_id) if artifact["name"].startswith(prefix)]

    def _download(self, job_id: str, artifact: Mapping[str, Any], folder: PathLike) -> Path:
        part = PartialDownload(place_of(folder, artifact["name"]), artifact)
        path = flows.artifact_path(job_id, artifact["name"])
        attempt = 0
        while not part.is_complete():
            attempt += 1
            try:
                with self._http.stream("GET", path, headers=part.headers()) as response:
                    if response.status_code >= 400:
                        response.read()
                        raise ServiceError.of(response)
                    with part.open(response.status_code) as file:
                        for chunk in response.iter_raw():
                            file.write(chunk)
                break
            except httpx.TransportError as cause:
                if attempt > self.retries:
                    raise flows.unreachable(cause) from cause
            except ServiceError as error:
                if attempt > self.retries or not flows.is_passing(error):
                    raise
            time.sleep(flows.pause_seconds(attempt, None))
        return part.finish()

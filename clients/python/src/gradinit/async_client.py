"""The asynchronous client: the methods of Client, awaited.

    async with gradinit.AsyncClient() as client:
        job = await client.submit(spec)
        async for event in client.events(job["id"]): ...
"""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from pathlib import Path
from typing import Any, AsyncIterator, Mapping, Optional

import httpx
from httpx_sse import aconnect_sse

from . import _flows as flows
from ._flows import Flow, Pause, Request, T
from ._resources import Comparisons, Resources, Webhooks
from ._transfers import PartialDownload, UploadFile, find_artifact, open_files, place_of
from .client import PathLike
from .errors import ServiceError


class AsyncClient(Resources):
    """As Client; every method that returns a result there returns an awaitable of it here."""

    def __init__(
        self,
        url: Optional[str] = None,
        api_key: Optional[str] = None,
        *,
        retries: int = 6,
        timeout_seconds: float = 60.0,
        transport: Optional[httpx.AsyncBaseTransport] = None,
    ) -> None:
        super().__init__(url, api_key, retries, timeout_seconds)
        self._http = httpx.AsyncClient(base_url=self.url, headers=self._headers, timeout=timeout_seconds, transport=transport)
        self.comparisons = Comparisons(self._run, retries)
        self.webhooks = Webhooks(self._run, retries)

    async def __aenter__(self) -> "AsyncClient":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        await self._http.aclose()

    async def _exchange(self, request: Request) -> httpx.Response:
        response = await self._http.request(
            request.method,
            request.path,
            params=dict(request.params),
            headers=dict(request.headers),
            json=request.json,
            files=request.files,
            timeout=httpx.Timeout(self.timeout_seconds + request.extra_seconds),
        )
        await response.aread()
        return response

    async def _run(self, flow: Flow[T]) -> T:
        try:
            step = next(flow)
            while True:
                if isinstance(step, Pause):
                    await asyncio.sleep(step.seconds)
                    step = flow.send(None)
                    continue
                try:
                    response = await self._exchange(step)
                except httpx.TransportError as error:
                    step = flow.throw(error)
                else:
                    step = flow.send(response)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]

    async def events(self, job_id: str, *, after: str = "") -> AsyncIterator[Mapping[str, Any]]:
        """Events of a job in order until it has ended; reconnects by itself."""
        last, failures = after, 0
        while True:
            try:
                headers = {"Last-Event-ID": last} if last else {}
                url = flows.segments("jobs", job_id, "events")
                async with aconnect_sse(self._http, "GET", url, headers=headers, timeout=httpx.Timeout(60.0)) as source:
                    if source.response.status_code >= 400:
                        await source.response.aread()
                        raise ServiceError.of(source.response)
                    async for event in source.aiter_sse():
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
            if (await self.get(job_id))["status"] in flows.FINISHED and not await self._newer_events(job_id, last):
                return
            await asyncio.sleep(flows.pause_seconds(max(1, failures), None))

    async def _newer_events(self, job_id: str, last: str) -> bool:
        request = Request("GET", flows.segments("jobs", job_id, "events"), params={"after": last, "limit": 1} if last else {"limit": 1})
        return bool((await self._run(flows.read_json(request, self.retries)))["events"])

    async def upload(self, *files: UploadFile, kind: Optional[str] = None) -> Any:
        """Uploads the files of one dataset, a topology or weights, streamed from disk."""
        with ExitStack() as stack:
            request = Request("POST", "/v1/datasets", params={"kind": kind} if kind else {}, files=open_files(files, stack), extra_seconds=3600, repeatable=False)
            return await self._run(flows.read_json(request, self.retries))

    async def download(self, job_id: str, name: str, folder: PathLike = ".") -> Path:
        """One artifact below `folder`, resumed after a broken connection and checked by its sha256."""
        return await self._download(job_id, find_artifact(await self.artifacts(job_id), name), folder)

    async def download_all(self, job_id: str, folder: PathLike = ".", *, prefix: str = "") -> list[Path]:
        """Every artifact whose name begins with `prefix`, below `folder`."""
        return [await self._download(job_id, artifact, folder) for artifact in await self.artifacts(job_id) if artifact["name"].startswith(prefix)]

    async def _download(self, job_id: str, artifact: Mapping[str, Any], folder: PathLike) -> Path:
        part = PartialDownload(place_of(folder, artifact["name"]), artifact)
        path = flows.artifact_path(job_id, artifact["name"])
        attempt = 0
        while not part.is_complete():
            attempt += 1
            try:
                async with self._http.stream("GET", path, headers=part.headers()) as response:
                    if response.status_code >= 400:
                        await response.aread()
                        raise ServiceError.of(response)
                    with part.open(response.status_code) as file:
                        async for chunk in response.aiter_raw():
                            file.write(chunk)
                break
            except httpx.TransportError as cause:
                if attempt > self.retries:
                    raise flows.unreachable(cause) from cause
            except ServiceError as error:
                if attempt > self.retries or not flows.is_passing(error):
                    raise
            await asyncio.sleep(flows.pause_seconds(attempt, None))
        return part.finish()

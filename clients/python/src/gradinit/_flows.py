"""What the client does, without input and output: generators that yield requests and pauses and are sent responses.

The synchronous and the asynchronous client run the same flows. A flow yields a `Request` and is sent the `httpx.Response`, its body read; a transport
error is thrown into it. It yields a `Pause` to wait and is sent None.
"""

from __future__ import annotations

import email.utils
import random
import time
import uuid
from dataclasses import dataclass, field
from typing import Any, Generator, Mapping, TypeVar, Union
from urllib.parse import quote

import httpx

from .errors import JobFailed, ServiceError, ServiceUnreachable

T = TypeVar("T")

FINISHED = frozenset({"succeeded", "failed", "cancelled", "expired"})
REPEATED_STATUSES = frozenset({429, 503})
_FIRST_PAUSE_SECONDS = 0.25
_LONGEST_PAUSE_SECONDS = 30.0
_LONG_POLL_SECONDS = 30


@dataclass(frozen=True)
class Request:
    """One exchange. `repeatable`: a second arrival changes nothing, so a broken connection is tried again."""

    method: str
    path: str
    params: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    json: Any = None
    files: Any = None
    repeatable: bool = True
    extra_seconds: float = 0.0


@dataclass(frozen=True)
class Pause:
    seconds: float


Flow = Generator[Union[Request, Pause], Any, T]


def pause_seconds(attempt: int, retry_after: str | None) -> float:
    """Before try `attempt` + 1: what the server asks for, at least twice as long each time, half of it by chance, 30 s at most."""
    backoff = _FIRST_PAUSE_SECONDS * 2 ** (attempt - 1) * (0.5 + random.random() / 2)
    return min(max(_asked_seconds(retry_after), backoff), _LONGEST_PAUSE_SECONDS)


def _asked_seconds(retry_after: str | None) -> float:
    if retry_after is None:
        return 0.0
    try:
        return float(retry_after)
    except ValueError:
        try:
            return email.utils.parsedate_to_datetime(retry_after).timestamp() - time.time()
        except (TypeError, ValueError):
            return 0.0


def unreachable(cause: Exception) -> ServiceUnreachable:
    return ServiceUnreachable(f"no answer: {cause or type(cause).__name__}. Is the service running?")


def is_passing(error: ServiceError) -> bool:
    """Whether the same request may be answered in a while."""
    return error.status in REPEATED_STATUSES


def send(request: Request, retries: int) -> Flow[httpx.Response]:
    """An answer below 400. 429 and 503 are repeated as Retry-After says, broken connections where the request is repeatable,
    refused ones always."""
    attempt = 0
    while True:
        attempt += 1
        retry_after: str | None = None
        try:
            response: httpx.Response = yield request
        except httpx.TransportError as cause:
            # Without a connection nothing arrived.
            is_safe = request.repeatable or isinstance(cause, (httpx.ConnectError, httpx.ConnectTimeout))
            if not is_safe or attempt > retries:
                raise unreachable(cause) from cause
        else:
            if response.status_code < 400:
                return response
            if response.status_code not in REPEATED_STATUSES or attempt > retries:
                raise ServiceError.of(response)
            retry_after = response.headers.get("retry-after")
        yield Pause(pause_seconds(attempt, retry_after))


def read_json(request: Request, retries: int) -> Flow[Any]:
    response = yield from send(request, retries)
    try:
        return response.json()
    except ValueError as cause:
        raise ServiceError(response.status_code, "SERVICE_ANSWER", f"{request.path} was not answered with JSON") from cause


def without_result(request: Request, retries: int) -> Flow[None]:
    yield from send(request, retries)


def listed(path: str, key: str, retries: int) -> Flow[Any]:
    """The list that an answer without pages holds under `key`."""
    return (yield from read_json(Request("GET", path), retries))[key]


def submit(path: str, spec: Mapping[str, Any], idempotency_key: str | None) -> Request:
    """A POST that makes one job or comparison however often it arrives."""
    return Request("POST", path, json=dict(spec), headers={"Idempotency-Key": idempotency_key or str(uuid.uuid4())})


def wait(path: str, timeout_seconds: float | None, retries: int, is_over: Any) -> Flow[Any]:
    """Long polls until the resource is over or the time is; the last state, whatever it is."""
    deadline = None if timeout_seconds is None else time.monotonic() + timeout_seconds
    while True:
        left = _LONG_POLL_SECONDS if deadline is None else max(0.0, deadline - time.monotonic())
        seconds = min(_LONG_POLL_SECONDS, left)
        state = yield from read_json(Request("GET", path, params={"wait": seconds}, extra_seconds=seconds), retries)
        if is_over(state) or (deadline is not None and time.monotonic() >= deadline):
            return state


def succeeded(job: Mapping[str, Any]) -> Mapping[str, Any]:
    """The job itself; raises JobFailed when it ended otherwise and TimeoutError when it has not ended."""
    if job["status"] == "succeeded":
        return job
    if job["status"] in FINISHED:
        raise JobFailed(job)
    raise TimeoutError(f"{job['id']} is still {job['status']}")


def pages(path: str, key: str, params: Mapping[str, Any], retries: int) -> Flow[list[Any]]:
    """All entries of a paged listing, in its order."""
    entries: list[Any] = []
    query = {name: value for name, value in params.items() if value is not None}
    while True:
        page = yield from read_json(Request("GET", path, params=query), retries)
        entries.extend(page[key])
        if not page["has_more"] or not page[key]:
            return entries
        query = {**query, "after": page[key][-1]["id"]}


def segments(*parts: str) -> str:
    """A path of percent-encoded segments below /v1."""
    return "/v1/" + "/".join(quote(part, safe="") for part in parts)


def artifact_path(job_id: str, name: str) -> str:
    return segments("jobs", job_id, "artifacts", *name.split("/"))

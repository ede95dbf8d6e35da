"""The operations of the HTTP API, written once for both clients: each builds a flow and hands it to the client's runner.

In the synchronous client a method returns its result; in the asynchronous one it returns an awaitable of it.
"""

from __future__ import annotations

import os
from typing import Any, Callable, Mapping, Optional, Sequence

from . import _flows as flows
from ._flows import Request

Runner = Callable[[Any], Any]


class Resources:
    """Jobs, uploads and the catalogue."""

    def __init__(self, url: Optional[str], api_key: Optional[str], retries: int, timeout_seconds: float) -> None:
        self.url = (url or os.environ.get("GRADINIT_URL") or "http://127.0.0.1:8080").rstrip("/")
        if not self.url.startswith(("http://", "https://")):
            raise ValueError(f"the address of the service is {self.url!r}: expected http://HOST:PORT or https://HOST")
        key = api_key or os.environ.get("GRADINIT_API_KEY")
        self._headers = {"Accept": "application/json", **({"Authorization": f"Bearer {key}"} if key else {})}
        self.retries = retries
        self.timeout_seconds = timeout_seconds

    def _run(self, flow: Any) -> Any:
        raise NotImplementedError

    def _json(self, request: Request) -> Any:
        return self._run(flows.read_json(request, self.retries))

    def submit(self, spec: Mapping[str, Any], *, idempotency_key: Optional[str] = None) -> Any:
        """Makes a job. With a key of your own, a repetition of your program gives the job that is there."""
        return self._json(flows.submit("/v1/jobs", spec, idempotency_key))

    def validate(self, spec: Mapping[str, Any]) -> Any:
        """What a submission would be answered, without making a job: layers, memory, every problem with its place."""
        return self._json(Request("POST", "/v1/jobs/validate", json=dict(spec)))

    def get(self, job_id: str) -> Any:
        return self._json(Request("GET", flows.segments("jobs", job_id)))

    def wait(self, job_id: str, *, timeout_seconds: Optional[float] = None, check: bool = True) -> Any:
        """The job when it has ended. Raises JobFailed when it did not succeed, TimeoutError after the time; `check=False` returns any state."""

        def flow() -> Any:
            is_over = lambda job: job["status"] in flows.FINISHED  # noqa: E731
            job = yield from flows.wait(flows.segments("jobs", job_id), timeout_seconds, self.retries, is_over)
            return flows.succeeded(job) if check else job

        return self._run(flow())

    def list(self, *, status: Optional[str] = None, limit: int = 100, **filters: Any) -> Any:
        """All jobs, newest first; filters as the API names them."""
        return self._run(flows.pages("/v1/jobs", "jobs", {"status": status, "limit": limit, **filters}, self.retries))

    def cancel(self, job_id: str, *, partial: bool = False) -> Any:
        """`partial`: a running job publishes the weights as they are."""
        return self._json(Request("POST", flows.segments("jobs", job_id, "cancel"), json={"artifacts": "partial"} if partial else None))

    def logs(self, job_id: str) -> Any:
        """The log of a job, oldest line first: `id`, `at`, `level`, `message`, `data`."""
        return self._run(flows.pages(flows.segments("jobs", job_id, "logs"), "lines", {"limit": 1000}, self.retries))

    def pause(self, job_id: str) -> Any:
        """A queued job leaves the queue, a running one its worker, with a checkpoint."""
        return self._json(Request("POST", flows.segments("jobs", job_id, "pause")))

    def resume(self, job_id: str) -> Any:
        return self._json(Request("POST", flows.segments("jobs", job_id, "resume"), repeatable=False))

    def deliveries(self, job_id: str) -> Any:
        """What was announced of a job to webhooks, oldest first."""
        return self._run(flows.listed(flows.segments("jobs", job_id, "deliveries"), "deliveries", self.retries))

    def retry(self, job_id: str) -> Any:
        return self._json(Request("POST", flows.segments("jobs", job_id, "retry"), repeatable=False))

    def delete(self, job_id: str) -> Any:
        """Removes a job that has ended, with its artifacts."""
        return self._run(flows.without_result(Request("DELETE", flows.segments("jobs", job_id)), self.retries))

    def artifacts(self, job_id: str) -> Any:
        return self._run(flows.listed(flows.segments("jobs", job_id, "artifacts"), "artifacts", self.retries))

    def uploads(self, *, limit: int = 100) -> Any:
        return self._run(flows.pages("/v1/datasets", "datasets", {"limit": limit}, self.retries))

    def delete_upload(self, upload_id: str) -> Any:
        return self._run(flows.without_result(Request("DELETE", flows.segments("datasets", upload_id)), self.retries))

    def inspect(self, ref: str, options: Optional[Mapping[str, Any]] = None) -> Any:
        """How the service reads a dataset: format and why, parts, shapes, classes, what will be normalised."""
        return self._json(Request("POST", "/v1/datasets/inspect", json={"ref": ref, **({"options": dict(options)} if options else {})}))

    def samples(self, upload_id: str, *, part: str = "train", count: int = 12) -> Any:
        """The first samples of an upload, or of `builtin:NAME`: labels by name, pictures as PNG in data URLs."""
        place = f"{flows.segments('datasets', upload_id)}/samples"
        return self._json(Request("GET", place, query={"part": part, "count": count}))

    def recommend(self, spec: Mapping[str, Any], *, idempotency_key: Optional[str] = None) -> Any:
        """Makes a job that says which initialisation a model needs on its data, or that it needs none; `recommendation` reads its answer."""
        return self._json(flows.submit("/v1/recommendations", spec, idempotency_key))

    def recommendation(self, job_id: str) -> Any:
        """The answer of a job of `recommend` that has succeeded: `answer` is "use" or "keep", with `method`, `options` and `why`."""

        def flow() -> Any:
            report = yield from flows.read_json(Request("GET", flows.artifact_path(job_id, "report.json")), self.retries)
            return report["findings"]["recommendation"]

        return self._run(flow())

    def redeliver(self, job_id: str, delivery_id: str) -> Any:
        """Sends an announcement to its webhook once more."""
        return self._json(Request("POST", flows.segments("jobs", job_id, "deliveries", delivery_id, "redeliver"), repeatable=False))

    def methods(self) -> Any:
        return self._json(Request("GET", "/v1/methods"))

    def zoo(self) -> Any:
        return self._json(Request("GET", "/v1/zoo"))


class _Part:
    def __init__(self, run: Runner, retries: int) -> None:
        self._run = run
        self._retries = retries

    def _json(self, request: Request) -> Any:
        return self._run(flows.read_json(request, self._retries))


class Webhooks(_Part):
    """Webhooks for all jobs of the client's key: `client.webhooks`."""

    def create(self, url: str, events: Optional[Sequence[str]] = None, *, secret: Optional[str] = None) -> Any:
        """Announces the ends of jobs, or `events`, to an address. Messages are signed with `secret`, else with that of the key (`new_secret`)."""
        spec = {"url": url, **({"events": [*events]} if events is not None else {}), **({"secret": secret} if secret is not None else {})}
        return self._json(Request("POST", "/v1/webhooks", json=spec, repeatable=False))

    def list(self) -> Any:
        return self._run(flows.listed("/v1/webhooks", "webhooks", self._retries))

    def delete(self, webhook_id: str) -> Any:
        return self._run(flows.without_result(Request("DELETE", flows.segments("webhooks", webhook_id)), self._retries))

    def new_secret(self) -> Any:
        """Makes the secret that signs the messages of the key; it is shown this once, and the one before is valid for a while."""
        return self._json(Request("POST", "/v1/webhooks/secret", repeatable=False))


class Comparisons(_Part):
    """Comparisons of methods on one model and dataset: `client.comparisons`."""

    def submit(self, spec: Mapping[str, Any], *, idempotency_key: Optional[str] = None) -> Any:
        return self._json(flows.submit("/v1/comparisons", spec, idempotency_key))

    def get(self, comparison_id: str) -> Any:
        return self._json(Request("GET", flows.segments("comparisons", comparison_id)))

    def wait(self, comparison_id: str, *, timeout_seconds: Optional[float] = None) -> Any:
        """The comparison when all of its cells are over, whatever became of them."""
        is_over = lambda state: state["status"] in flows.FINISHED  # noqa: E731
        return self._run(flows.wait(flows.segments("comparisons", comparison_id), timeout_seconds, self._retries, is_over))

    def list(self, *, limit: int = 100) -> Any:
        return self._run(flows.pages("/v1/comparisons", "comparisons", {"limit": limit}, self._retries))

    def cancel(self, comparison_id: str) -> Any:
        return self._json(Request("POST", flows.segments("comparisons", comparison_id, "cancel")))

    def report(self, comparison_id: str) -> Any:
        return self._json(Request("GET", flows.segments("comparisons", comparison_id, "report.json")))

    def delete(self, comparison_id: str) -> Any:
        """Removes a comparison that is over, with its jobs."""
        return self._run(flows.without_result(Request("DELETE", flows.segments("comparisons", comparison_id)), self._retries))

"""Errors of the client: what the service answered, that it cannot be reached, that a job did not succeed."""

from __future__ import annotations

from typing import Any, Mapping, Sequence

import httpx


class GradinitError(Exception):
    """Base of all errors; `code` is stable."""

    code = "ERROR"


class ServiceError(GradinitError):
    """A problem document of the service (RFC 9457).

    `status` is the HTTP status, `code` the stable code, `errors` the places of the request that are wrong, each with `pointer` and `message`.
    """

    def __init__(self, status: int, code: str, detail: str, errors: Sequence[Mapping[str, str]] = ()) -> None:
        self.status = status
        self.code = code
        self.errors = list(errors)
        places = "".join(f"\n  {error.get('pointer', '')}: {error.get('message', '')}" for error in self.errors)
        super().__init__(f"{code}: {detail}{places}")

    @classmethod
    def of(cls, response: httpx.Response) -> "ServiceError":
        """The error that an answer of 400 and above means; its body has been read."""
        try:
            problem: Any = response.json()
        except ValueError:
            problem = None
        if not isinstance(problem, dict):
            problem = {}
        detail = problem.get("detail") or f"the service answered {response.status_code} {response.reason_phrase}"
        errors = problem.get("errors")
        return cls(
            response.status_code,
            str(problem.get("code", "SERVICE_ANSWER")),
            str(detail),
            [error for error in errors if isinstance(error, dict)] if isinstance(errors, list) else [],
        )


class ServiceUnreachable(GradinitError):
    """No answer from the service, after all repetitions."""

    code = "SERVICE_UNREACHABLE"


class JobFailed(GradinitError):
    """A job that was waited for ended, but not as `succeeded`. `job` is its last state."""

    def __init__(self, job: Mapping[str, Any]) -> None:
        self.job = job
        error = job.get("error") or {}
        self.code = str(error.get("code") or job["status"]).upper()
        super().__init__(f"{job['id']} {job['status']}: {self.code}: {error.get('message', '')}")


class DownloadCorrupt(GradinitError):
    """Bytes or sha256 of an artifact are not those of its listing."""

    code = "DOWNLOAD_CORRUPT"


class WeightsMismatch(GradinitError):
    """Weights do not belong to a model: a tensor without a variable, a variable without a tensor, or another shape."""

    code = "WEIGHTS_MISMATCH"

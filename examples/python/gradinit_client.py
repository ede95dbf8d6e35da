"""A small client of gradinit-service: requests only; numpy for to_pytorch."""

import hashlib
import os
import time
import uuid

import requests

FINISHED = {"succeeded", "failed", "cancelled", "expired"}


class ServiceError(Exception):
    """A problem document of the service; `code` is stable."""

    def __init__(self, response):
        try:
            problem = response.json()
        except ValueError:
            problem = {}
        self.status = response.status_code
        self.code = problem.get("code", "SERVICE_ANSWER")
        self.errors = problem.get("errors", [])
        super().__init__(f"{self.code}: {problem.get('detail', response.reason)}")


class Client:
    def __init__(self, url=None, api_key=None, retries=5):
        self.url = (url or os.environ.get("GRADINIT_URL", "http://127.0.0.1:8080")).rstrip("/")
        self.retries = retries
        self.session = requests.Session()
        api_key = api_key or os.environ.get("GRADINIT_API_KEY")
        if api_key:
            self.session.headers["Authorization"] = f"Bearer {api_key}"

    def _send(self, method, path, repeatable=True, timeout=60, **options):
        for attempt in range(self.retries + 1):
            last = attempt == self.retries
            try:
                response = self.session.request(method, self.url + path, timeout=timeout, **options)
            except requests.ConnectionError:
                if last or not repeatable:
                    raise
                time.sleep(0.25 * 2**attempt)
                continue
            if response.status_code in (429, 503) and not last:
                time.sleep(max(float(response.headers.get("Retry-After", 0)), 0.25 * 2**attempt))
                continue
            if response.status_code >= 400:
                raise ServiceError(response)
            return response

    def submit(self, spec, idempotency_key=None):
        headers = {"Idempotency-Key": idempotency_key or str(uuid.uuid4())}
        return self._send("POST", "/v1/jobs", json=spec, headers=headers).json()

    def upload(self, *files):
        """Uploads the files of one dataset. They are read into memory: requests has no streaming multipart."""
        parts = []
        for name in files:
            with open(name, "rb") as file:
                parts.append(("file", (os.path.basename(name), file.read())))
        return self._send("POST", "/v1/datasets", files=parts, timeout=3600).json()

    def get(self, job_id, wait=0):
        return self._send("GET", f"/v1/jobs/{job_id}", params={"wait": wait}, timeout=wait + 60).json()

    def wait(self, job_id, poll_seconds=30):
        """The finished job; raises RuntimeError when it did not succeed."""
        while (job := self.get(job_id, wait=poll_seconds))["status"] not in FINISHED:
            pass
        if job["status"] != "succeeded":
            error = job["error"] or {"code": job["status"], "message": ""}
            raise RuntimeError(f"{job_id} {job['status']}: {error['code']}: {error['message']}")
        return job

    def cancel(self, job_id):
        return self._send("POST", f"/v1/jobs/{job_id}/cancel").json()

    def artifacts(self, job_id):
        return self._send("GET", f"/v1/jobs/{job_id}/artifacts").json()["artifacts"]

    def download(self, job_id, name, target):
        """Writes one artifact and checks its sha256."""
        listed = next((entry for entry in self.artifacts(job_id) if entry["name"] == name), None)
        if listed is None:
            raise KeyError(f"{job_id} has no artifact {name}")
        digest = hashlib.sha256()
        response = self._send("GET", f"/v1/jobs/{job_id}/artifacts/{name}", stream=True)
        with open(target, "wb") as file:
            for chunk in response.iter_content(1 << 20):
                digest.update(chunk)
                file.write(chunk)
        if digest.hexdigest() != listed["sha256"]:
            os.remove(target)
            raise ValueError(f"{name} does not have the sha256 of its listing")
        return listed


_NAMES = {
    "kernel": "weight", "depthwise_kernel": "weight", "embeddings": "weight", "gamma": "weight",
    "bias": "bias", "beta": "bias", "moving_mean": "running_mean", "moving_variance": "running_var",
}


def to_pytorch(weights):
    """Keras names and layouts -> those of PyTorch. `weights` maps names to numpy arrays."""
    import numpy as np

    result = {}
    for name, value in weights.items():
        *layer, leaf = name.split("/")
        if leaf not in _NAMES:
            raise KeyError(f"{name}: no PyTorch name is known for {leaf}")
        if leaf == "depthwise_kernel":  # [h, w, in, multiplier] -> [in * multiplier, 1, h, w]
            height, width, channels, multiplier = value.shape
            value = value.transpose(2, 3, 0, 1).reshape(channels * multiplier, 1, height, width)
        elif leaf == "kernel":  # [..., in, out] -> [out, in, ...]
            value = value.transpose(value.ndim - 1, value.ndim - 2, *range(value.ndim - 2))
        result[".".join([*layer, _NAMES[leaf]])] = np.ascontiguousarray(value)
    return result

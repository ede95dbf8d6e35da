"""A job as an MLflow run: options as parameters, metrics by iteration, artifacts (needs mlflow or mlflow-skinny)."""

from __future__ import annotations

import tempfile
from typing import Any, Mapping, Optional

import mlflow

from .client import Client

_METRICS = ("loss", "gradientNorm", "steppedLoss", "objective")
#: MLflow takes parameters of up to 6,000 characters.
_LONGEST_PARAMETER = 6000


def log(client: Client, job_id: str, *, artifacts: bool = True, run_id: Optional[str] = None) -> str:
    """Logs a job that has ended into the active run, or into `run_id`; the id of the run."""
    job = client.get(job_id)
    active = mlflow.active_run()
    target = run_id or (active.info.run_id if active else mlflow.start_run(run_name=job_id).info.run_id)
    tracking = mlflow.MlflowClient()
    for name, value in _parameters(job).items():
        tracking.log_param(target, name, value[:_LONGEST_PARAMETER])
    for event in client.events(job_id):
        step = event.get("iteration")
        for key in _METRICS:
            if isinstance(event.get(key), (int, float)) and isinstance(step, int):
                tracking.log_metric(target, f"gradinit.{key}", float(event[key]), step=step)
    tracking.set_tag(target, "gradinit.status", job["status"])
    if artifacts and job["status"] == "succeeded":
        with tempfile.TemporaryDirectory() as folder:
            client.download_all(job_id, folder)
            tracking.log_artifacts(target, folder, "gradinit")
    if active is None and run_id is None:
        mlflow.end_run()
    return target


def _parameters(job: Mapping[str, Any]) -> dict[str, str]:
    found = {"gradinit.job": job["id"]}
    spec = job.get("spec") or {}
    for key in ("method", "dataset", "loss", "seed"):
        if key in spec:
            found.update(_flat(f"gradinit.{key}", spec[key]))
    return found


def _flat(prefix: str, value: Any) -> dict[str, str]:
    if isinstance(value, Mapping):
        return {name: text for key, inner in value.items() for name, text in _flat(f"{prefix}.{key}", inner).items()}
    return {prefix: str(value)}

"""A job as an MLflow run: options as parameters, metrics by iteration, artifacts, a model version (needs mlflow or mlflow-skinny)."""

from __future__ import annotations

import tempfile
from typing import Any, Optional

import mlflow
from mlflow.exceptions import MlflowException

from ._given import client_or_default
from ._tracking import ended_job, metrics, parameters
from .client import Client

#: MLflow takes parameters of up to 6,000 characters.
_LONGEST_PARAMETER = 6000
_FOLDER = "gradinit"


def log(
    job: Any, *, client: Optional[Client] = None, artifacts: bool = True, run_id: Optional[str] = None, registered_model: Optional[str] = None
) -> str:
    """Waits for a job and logs it into `run_id`, the active run or a new one; the id of the run.

    job: a job or its id
    registered_model: the weights become a version of this model of the registry, which is made when there is none
    """
    with client_or_default(client) as service:
        ended = ended_job(service, job)
        active = mlflow.active_run()
        target = run_id or (active.info.run_id if active else mlflow.start_run(run_name=ended["id"]).info.run_id)
        try:
            _log(service, ended, target, artifacts or registered_model is not None, registered_model)
        finally:
            if active is None and run_id is None:
                mlflow.end_run()
    return target


def _log(client: Client, job: Any, run_id: str, artifacts: bool, registered_model: Optional[str]) -> None:
    tracking = mlflow.MlflowClient()
    for name, value in parameters(job).items():
        tracking.log_param(run_id, name, str(value)[:_LONGEST_PARAMETER])
    for step, measured in metrics(client, job["id"]):
        for name, number in measured.items():
            tracking.log_metric(run_id, name, number, step=step)
    tracking.set_tag(run_id, "gradinit.status", job["status"])
    if not artifacts or job["status"] != "succeeded":
        return
    with tempfile.TemporaryDirectory() as folder:
        client.download_all(job["id"], folder)
        tracking.log_artifacts(run_id, folder, _FOLDER)
    if registered_model is not None:
        _register(tracking, run_id, registered_model, job["id"])


def _register(tracking: Any, run_id: str, name: str, job_id: str) -> None:
    try:
        tracking.create_registered_model(name)
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise
    source = f"{tracking.get_run(run_id).info.artifact_uri}/{_FOLDER}"
    tracking.create_model_version(name, source, run_id=run_id, tags={"gradinit.job": job_id})

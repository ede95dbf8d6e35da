"""A job as a Weights & Biases run: options as its configuration, metrics by iteration, weights as an artifact (needs wandb)."""

from __future__ import annotations

import tempfile
from typing import Any, Optional

import wandb

from ._given import client_or_default
from ._tracking import ended_job, metrics, parameters
from .client import Client


def log(job: Any, *, client: Optional[Client] = None, artifacts: bool = True, project: Optional[str] = None) -> str:
    """Waits for a job and logs it into the active run or a new one of `project`; the id of the run.

    job: a job or its id
    """
    with client_or_default(client) as service:
        ended = ended_job(service, job)
        active = wandb.run
        run = active or wandb.init(project=project, name=ended["id"])
        try:
            _log(service, ended, run, artifacts)
        finally:
            if active is None:
                run.finish()
    return str(run.id)


def _log(client: Client, job: Any, run: Any, artifacts: bool) -> None:
    run.config.update(parameters(job))
    # A step axis of its own: iterations of the initialisation are none of the training that the run may hold.
    run.define_metric("gradinit.iteration")
    run.define_metric("gradinit.*", step_metric="gradinit.iteration")
    for step, measured in metrics(client, job["id"]):
        run.log({"gradinit.iteration": step, **measured})
    run.summary["gradinit.status"] = job["status"]
    if not artifacts or job["status"] != "succeeded":
        return
    with tempfile.TemporaryDirectory() as folder:
        client.download_all(job["id"], folder)
        weights = wandb.Artifact(f"gradinit-{job['id']}", type="model", metadata=parameters(job))
        weights.add_dir(folder)
        run.log_artifact(weights)
        if not run.offline:
            weights.wait()

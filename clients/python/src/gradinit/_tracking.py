"""What trackers of experiments are given of a job: parameters by dotted names, and metrics by iteration."""

from __future__ import annotations

from typing import Any, Iterator, Mapping

from .client import Client
from .errors import GradinitError
from ._given import job_id_of

METRICS = ("loss", "gradientNorm", "steppedLoss", "objective")
_PARAMETERS = ("method", "dataset", "loss", "seed")


def ended_job(client: Client, job: Any) -> Mapping[str, Any]:
    """The job that was given by its id or as the API answers it, once it has ended."""
    job_id = job_id_of(job)
    if job_id is None:
        raise GradinitError(f"{job!r} is neither a job nor the id of one")
    return client.wait(job_id, check=False)


def parameters(job: Mapping[str, Any]) -> dict[str, Any]:
    """Method with its options, dataset, loss and seed of a job: {"gradinit.method.options.iterations": 390, ...}."""
    found = {"gradinit.job": job["id"]}
    spec = job["specification"]
    for key in _PARAMETERS:
        if key in spec:
            found.update(_flat(f"gradinit.{key}", spec[key]))
    return found


def metrics(client: Client, job_id: str) -> Iterator[tuple[int, dict[str, float]]]:
    """Iterations with what was measured in them."""
    for event in client.events(job_id):
        step = event.get("iteration")
        measured = {f"gradinit.{key}": float(event[key]) for key in METRICS if isinstance(event.get(key), (int, float))}
        if isinstance(step, int) and measured:
            yield step, measured


def _flat(prefix: str, value: Any) -> dict[str, Any]:
    if isinstance(value, Mapping):
        return {name: leaf for key, inner in value.items() for name, leaf in _flat(f"{prefix}.{key}", inner).items()}
    return {prefix: value}

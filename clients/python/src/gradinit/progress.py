"""A progress bar for a job (needs tqdm)."""

from __future__ import annotations

from typing import Any, Optional

from tqdm.auto import tqdm

from ._given import client_or_default, job_id_of
from .client import Client
from .errors import GradinitError


def follow(job: Any, *, client: Optional[Client] = None, check: bool = True, **bar: Any) -> Any:
    """Shows iterations, loss and gradient norm until a job has ended; the job, as `Client.wait` gives it.

    job: a job or its id
    bar: options of tqdm
    """
    job_id = job_id_of(job)
    if job_id is None:
        raise GradinitError(f"{job!r} is neither a job nor the id of one")
    with client_or_default(client) as service, tqdm(desc=job_id, unit="it", **bar) as shown:
        for event in service.events(job_id):
            if event["type"] != "progress" or not isinstance(event.get("iteration"), int):
                continue
            shown.total = event.get("iterations")
            shown.n = event["iteration"]
            numbers = {key: f"{event[key]:.4g}" for key in ("loss", "gradientNorm") if isinstance(event.get(key), (int, float))}
            shown.set_postfix(numbers, refresh=True)
        return service.wait(job_id, check=check)

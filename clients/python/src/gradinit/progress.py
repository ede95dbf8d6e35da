"""A progress bar for a job (needs tqdm)."""

from __future__ import annotations

from typing import Any

from tqdm.auto import tqdm

from .client import Client


def follow(client: Client, job_id: str, *, check: bool = True) -> Any:
    """Shows iterations, loss and gradient norm until the job has ended; the job, as `Client.wait` gives it."""
    with tqdm(desc=job_id, unit="it") as bar:
        for event in client.events(job_id):
            progress = event.get("progress") or event
            if "iterations" in progress:
                bar.total = progress["iterations"]
                bar.n = progress["iteration"] + (0 if event.get("progress") else 1)
                shown = {key: f"{progress[key]:.4g}" for key in ("loss", "gradientNorm") if isinstance(progress.get(key), (int, float))}
                bar.set_postfix(shown, refresh=True)
    return client.wait(job_id, check=check)

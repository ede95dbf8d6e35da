"""An Airflow operator: one task is one job of gradinit-service.

    weights = GradinitOperator(task_id="initialise", spec={"model": ..., "dataset": ..., "method": {"name": "gradinit"}}, folder="/data/{{ ds }}/init")

The id of the job is made of the run of the DAG, so that a task that is tried again waits for the job that is there. The paths of the downloaded files are the
result of the task (XCom).
"""

from __future__ import annotations

from typing import Any, Mapping, Optional, Sequence

try:
    from airflow.sdk import BaseOperator
except ImportError:  # Airflow 2
    from airflow.models import BaseOperator

import gradinit


class GradinitOperator(BaseOperator):
    template_fields: Sequence[str] = ("spec", "folder", "url")

    def __init__(
        self,
        *,
        spec: Mapping[str, Any],
        folder: str,
        url: Optional[str] = None,
        api_key: Optional[str] = None,
        timeout_seconds: Optional[float] = None,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.spec = spec
        self.folder = folder
        self.url = url
        self.api_key = api_key
        self.timeout_seconds = timeout_seconds
        self._job_id: Optional[str] = None

    def execute(self, context: Mapping[str, Any]) -> list[str]:
        key = "/".join(str(part) for part in (context["run_id"], self.task_id, context.get("map_index", -1)))
        with gradinit.Client(self.url, self.api_key) as client:
            job = client.submit(self.spec, idempotency_key=key[:255])
            self._job_id = job["id"]
            self.log.info("job %s", job["id"])
            client.wait(job["id"], timeout_seconds=self.timeout_seconds)
            return [str(path) for path in client.download_all(job["id"], self.folder)]

    def on_kill(self) -> None:
        if self._job_id is not None:
            with gradinit.Client(self.url, self.api_key) as client:
                client.cancel(self._job_id)

"""Runs of MLflow (files) and of Weights & Biases (offline), against the service of GRADINIT_URL."""

import os
import tempfile
import unittest
from pathlib import Path

_folder = tempfile.TemporaryDirectory()
os.environ |= {
    "MLFLOW_ALLOW_FILE_STORE": "true",
    "MLFLOW_TRACKING_URI": f"file://{_folder.name}/mlruns",
    "WANDB_MODE": "offline",
    "WANDB_DIR": _folder.name,
    "WANDB_SILENT": "true",
}

import mlflow  # noqa: E402
import wandb  # noqa: E402

import gradinit  # noqa: E402
from gradinit import mlflow as gradinit_mlflow  # noqa: E402
from gradinit import wandb as gradinit_wandb  # noqa: E402

MODEL = {"format": "zoo", "name": "mlp", "options": {"inputShape": [8, 8, 1], "classes": 10}}
METHOD = {"name": "gradinit", "options": {"iterations": 5, "batchSize": 32, "learningRate": 1e-3}}


def tearDownModule():
    _folder.cleanup()


class Trackers(unittest.TestCase):
    def setUp(self):
        self.client = gradinit.Client()
        self.addCleanup(self.client.close)
        self.job = self.client.submit({"model": MODEL, "dataset": {"ref": "builtin:digits"}, "method": METHOD})

    def test_an_mlflow_run_with_a_model_version(self):
        run_id = gradinit_mlflow.log(self.job, registered_model="digits")
        tracking = mlflow.MlflowClient()
        data = tracking.get_run(run_id).data
        self.assertEqual(data.params["gradinit.method.options.iterations"], "5")
        self.assertEqual(data.params["gradinit.dataset.ref"], "builtin:digits")
        self.assertEqual(data.tags["gradinit.status"], "succeeded")
        self.assertEqual(tracking.get_metric_history(run_id, "gradinit.gradientNorm")[-1].step, 5)
        self.assertIn("gradinit/weights.safetensors", [file.path for file in tracking.list_artifacts(run_id, "gradinit")])
        (version,) = tracking.search_model_versions("name='digits'")
        self.assertEqual((version.run_id, version.tags["gradinit.job"]), (run_id, self.job["id"]))
        self.assertIsNone(mlflow.active_run())

    def test_the_active_mlflow_run_goes_on(self):
        with mlflow.start_run() as run:
            self.assertEqual(gradinit_mlflow.log(self.job["id"], client=self.client), run.info.run_id)
            self.assertIsNotNone(mlflow.active_run())

    def test_a_wandb_run(self):
        with wandb.init(project="digits") as run:
            self.assertEqual(gradinit_wandb.log(self.job["id"], client=self.client), run.id)
            self.assertEqual(run.config["gradinit.method.options.iterations"], 5)
            self.assertEqual(run.summary["gradinit.iteration"], 5)
            self.assertEqual(run.summary["gradinit.status"], "succeeded")
        self.assertTrue(list(Path(_folder.name).rglob("*.wandb")))

    def test_what_is_no_job_is_refused(self):
        with self.assertRaises(gradinit.GradinitError):
            gradinit_mlflow.log({"ref": "builtin:digits"})


if __name__ == "__main__":
    unittest.main()

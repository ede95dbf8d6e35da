"""The client against a running service: GRADINIT_URL names it. Run by the project's own tests, or by `python -m unittest` beside a service."""

import asyncio
import contextlib
import io
import json
import os
import pathlib
import tempfile
import unittest
import unittest.mock

import httpx
import numpy as np

import gradinit
from gradinit import _tracking, cli, progress
from gradinit import numpy as arrays

MODEL = {
    "class_name": "Sequential",
    "config": {
        "name": "small",
        "layers": [
            {"class_name": "Dense", "config": {"name": "hidden", "units": 8, "activation": "relu", "batch_input_shape": [None, 64]}},
            {"class_name": "Dense", "config": {"name": "head", "units": 10, "activation": "softmax"}},
        ],
    },
}


def spec(**change):
    return {"model": {"topology": MODEL}, "dataset": {"ref": "builtin:digits"}, "method": {"name": "kaiming"}, **change}


class Jobs(unittest.TestCase):
    def setUp(self):
        self.client = gradinit.Client()
        self.addCleanup(self.client.close)

    def test_from_submission_to_weights(self):
        job = self.client.submit(spec())
        self.assertEqual(self.client.wait(job["id"])["status"], "succeeded")
        self.assertIn(job["id"], [one["id"] for one in self.client.list(limit=2)])
        types = [event["type"] for event in self.client.events(job["id"])]
        self.assertTrue(types)
        with tempfile.TemporaryDirectory() as folder:
            weights = arrays.weights(self.client, job["id"], folder)
            self.assertEqual(sorted(weights), ["head/bias", "head/kernel", "hidden/bias", "hidden/kernel"])
            self.assertEqual(weights["hidden/kernel"].shape, (64, 8))
            paths = self.client.download_all(job["id"], pathlib.Path(folder) / "all")
            self.assertTrue(all(path.exists() for path in paths))
            self.assertEqual(list(pathlib.Path(folder).rglob("*.part")), [])
        self.client.delete(job["id"])
        with self.assertRaises(gradinit.ServiceError) as raised:
            self.client.get(job["id"])
        self.assertEqual((raised.exception.status, raised.exception.code), (404, "JOB_NOT_FOUND"))

    def test_an_idempotency_key_makes_one_job(self):
        key = os.urandom(8).hex()
        first, second = (self.client.submit(spec(), idempotency_key=key) for _ in range(2))
        self.assertEqual(first["id"], second["id"])

    def test_a_refusal_names_its_places(self):
        with self.assertRaises(gradinit.ServiceError) as raised:
            self.client.submit(spec(method={"name": "kaiming", "options": {"gain": -1}}))
        self.assertEqual(raised.exception.status, 422)
        self.assertEqual(raised.exception.errors[0]["pointer"], "/method/options/gain")

    def test_arrays_are_uploaded_and_deleted(self):
        x = np.random.default_rng(0).normal(size=(40, 64)).astype("float32")
        y = np.arange(40, dtype="int32") % 10
        uploaded = arrays.upload(self.client, x=x, y=y)
        self.assertIn(uploaded["id"], [one["id"] for one in self.client.uploads()])
        job = self.client.submit(spec(dataset={"ref": f"dataset:{uploaded['id']}"}))
        self.assertEqual(self.client.wait(job["id"])["status"], "succeeded")
        self.client.delete(job["id"])
        self.client.delete_upload(uploaded["id"])

    def test_a_cancelled_job_is_an_error_of_wait(self):
        slow = spec(method={"name": "gradinit", "options": {"learningRate": 1e-3, "iterations": 100000, "batchSize": 32}})
        job = self.client.submit(slow)
        self.client.cancel(job["id"])
        with self.assertRaises(gradinit.JobFailed):
            self.client.wait(job["id"])
        self.assertEqual(self.client.wait(job["id"], check=False)["status"], "cancelled")

    def test_a_wait_ends_with_its_time(self):
        slow = spec(method={"name": "gradinit", "options": {"learningRate": 1e-3, "iterations": 100000, "batchSize": 32}})
        job = self.client.submit(slow)
        with self.assertRaises(TimeoutError):
            self.client.wait(job["id"], timeout_seconds=0.2)
        self.client.cancel(job["id"])

    def test_a_comparison(self):
        comparison = self.client.comparisons.submit(
            {
                "models": [{"model": {"topology": MODEL}}],
                "dataset": {"ref": "builtin:digits", "options": {"validationSplit": 0.2}},
                "methods": ["kaiming"],
                "seeds": [0],
                "training": {"epochs": 1},
            }
        )
        self.assertEqual(self.client.comparisons.wait(comparison["id"])["status"], "succeeded")
        self.assertEqual(len(self.client.comparisons.report(comparison["id"])["rows"]), 1)


    def test_a_recommendation(self):
        options = {"shortHorizon": 2, "longHorizon": 2, "seeds": 2, "finalists": 1, "rateFactors": [1]}
        job = self.client.recommend({"model": {"topology": MODEL}, "dataset": {"ref": "builtin:digits"}, "options": options})
        self.assertEqual(job["method"], "recommend")
        self.client.wait(job["id"])
        self.assertIn(self.client.recommendation(job["id"])["answer"], ("use", "keep"))

    def test_webhooks_of_a_key(self):
        self.assertTrue(self.client.webhooks.new_secret()["secret"].startswith("whsec_"))
        webhook = self.client.webhooks.create("https://example.com/hook", ["job.failed"])
        self.assertIn(webhook, self.client.webhooks.list())
        self.client.webhooks.delete(webhook["id"])
        self.assertNotIn(webhook, self.client.webhooks.list())

    def test_what_trackers_are_given(self):
        method = {"name": "gradinit", "options": {"learningRate": 1e-3, "iterations": 3, "batchSize": 32}}
        job = _tracking.ended_job(self.client, self.client.submit(spec(method=method))["id"])
        found = _tracking.parameters(job)
        self.assertEqual((found["gradinit.method.options.iterations"], found["gradinit.seed"]), (3, 0))
        steps = dict(_tracking.metrics(self.client, job["id"]))
        self.assertIn(3, steps)
        self.assertGreater(steps[3]["gradinit.gradientNorm"], 0)
        self.assertEqual(progress.follow(job, client=self.client, disable=True)["status"], "succeeded")


class Asynchronous(unittest.TestCase):
    def test_jobs_side_by_side(self):
        async def run():
            async with gradinit.AsyncClient() as client:
                jobs = await asyncio.gather(*(client.submit(spec(seed=seed)) for seed in range(3)))
                ended = await asyncio.gather(*(client.wait(job["id"]) for job in jobs))
                events = [event async for event in client.events(jobs[0]["id"])]
                with tempfile.TemporaryDirectory() as folder:
                    path = await client.download(jobs[0]["id"], "weights.safetensors", folder)
                    return [job["status"] for job in ended], events, len(arrays.read_safetensors(path))

        statuses, events, tensors = asyncio.run(run())
        self.assertEqual(statuses, ["succeeded"] * 3)
        self.assertTrue(events)
        self.assertEqual(tensors, 4)


class Failing(unittest.TestCase):
    """What servers do wrong, by a transport that answers as told."""

    def answers(self, *answers):
        self.seen = []
        left = list(answers)

        def handle(request):
            self.seen.append(request)
            answer = left.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer

        client = gradinit.Client("http://service", transport=httpx.MockTransport(handle), retries=2)
        self.addCleanup(client.close)
        return client

    def test_503_and_broken_connections_are_repeated(self):
        busy = httpx.Response(503, headers={"retry-after": "0"}, json={"code": "QUEUE_UNAVAILABLE"})
        client = self.answers(busy, httpx.ConnectError("gone"), httpx.Response(200, json={"id": "job_1"}))
        self.assertEqual(client.get("job_1"), {"id": "job_1"})
        self.assertEqual(len(self.seen), 3)

    def test_a_repeated_submission_keeps_its_key(self):
        client = self.answers(httpx.ReadError("gone"), httpx.Response(202, json={"id": "job_1"}))
        client.submit(spec())
        self.assertEqual(self.seen[0].headers["idempotency-key"], self.seen[1].headers["idempotency-key"])

    def test_an_upload_is_repeated_while_there_is_no_connection(self):
        client = self.answers(httpx.ConnectError("refused"), httpx.Response(201, json={"id": "ds_1"}))
        self.assertEqual(client.upload(("x.csv", b"1,2\n")), {"id": "ds_1"})

    def test_an_upload_is_not_repeated(self):
        client = self.answers(httpx.ReadError("gone"))
        with self.assertRaises(gradinit.ServiceUnreachable):
            client.upload(("x.csv", b"1,2\n"))

    def test_what_breaks_in_events_and_downloads_is_repeated_and_then_said(self):
        busy = httpx.Response(503, headers={"retry-after": "0"}, json={"code": "QUEUE_UNAVAILABLE"})
        over = httpx.Response(200, json={"status": "succeeded"})
        none = httpx.Response(200, json={"events": []})
        with unittest.mock.patch("gradinit._flows._LONGEST_PAUSE_SECONDS", 0.0):
            self.assertEqual(list(self.answers(busy, over, none).events("job_1")), [])
            with self.assertRaises(gradinit.ServiceUnreachable):
                running = [httpx.Response(200, json={"status": "running"}) for _ in range(2)]
                gone = [httpx.ConnectError("gone") for _ in range(3)]
                list(self.answers(gone[0], running[0], gone[1], running[1], gone[2]).events("job_1"))
            listing = httpx.Response(200, json={"artifacts": [{"name": "w", "bytes": 1, "sha256": "0"}]})
            with tempfile.TemporaryDirectory() as folder, self.assertRaises(gradinit.ServiceUnreachable):
                self.answers(listing, *[httpx.ReadError("gone") for _ in range(3)]).download("job_1", "w", folder)

    def test_no_service(self):
        client = self.answers(*[httpx.ConnectError("refused")] * 3)
        with self.assertRaises(gradinit.ServiceUnreachable):
            client.get("job_1")

    def test_a_page_of_a_proxy_is_no_answer(self):
        client = self.answers(httpx.Response(200, text="<html>"))
        with self.assertRaises(gradinit.ServiceError) as raised:
            client.get("job_1")
        self.assertEqual(raised.exception.code, "SERVICE_ANSWER")

    def test_a_download_goes_on_where_it_broke_and_is_checked(self):
        import hashlib

        content = b"0123456789"
        listing = httpx.Response(200, json={"artifacts": [{"name": "w", "bytes": 10, "sha256": hashlib.sha256(content).hexdigest()}]})
        with tempfile.TemporaryDirectory() as folder:
            (pathlib.Path(folder) / "w.part").write_bytes(content[:4])
            client = self.answers(listing, httpx.Response(206, stream=httpx.ByteStream(content[4:])))
            path = client.download("job_1", "w", folder)
            self.assertEqual(path.read_bytes(), content)
            self.assertEqual(self.seen[1].headers["range"], "bytes=4-")
            wrong = self.answers(listing, httpx.Response(200, stream=httpx.ByteStream(b"012345678X")))
            with self.assertRaises(gradinit.DownloadCorrupt):
                wrong.download("job_1", "w", folder)

    def test_an_artifact_never_leaves_the_folder(self):
        listing = httpx.Response(200, json={"artifacts": [{"name": "../w", "bytes": 1, "sha256": "0"}]})
        with tempfile.TemporaryDirectory() as folder, self.assertRaises(gradinit.ServiceError):
            self.answers(listing).download_all("job_1", folder)

    def test_arrays_of_objects_and_of_different_lengths_are_refused(self):
        for wrong in ({"x": np.array([None])}, {"x": np.zeros(2), "y": np.zeros(3)}, {"x": np.float32(1)}, {}):
            with self.assertRaises(ValueError):
                arrays.upload(self.answers(), **wrong)


class Command(unittest.TestCase):
    def run_command(self, *arguments):
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = cli.main(arguments)
        return code, out.getvalue(), err.getvalue()

    def test_exit_codes(self):
        code, out, _ = self.run_command("submit", json.dumps(spec()), "--wait")
        self.assertEqual((code, json.loads(out)["status"]), (0, "succeeded"))
        code, _, err = self.run_command("status", "job_unknown")
        self.assertEqual(code, 2, err)
        with unittest.mock.patch("gradinit._flows._LONGEST_PAUSE_SECONDS", 0.0):
            code, _, err = self.run_command("--url", "http://127.0.0.1:9", "list")
        self.assertEqual(code, 3, err)

    def test_the_artifacts_of_a_job_that_did_not_succeed_are_no_download(self):
        with gradinit.Client() as client:
            job = client.submit(spec(method={"name": "gradinit", "options": {"learningRate": 1e-3, "iterations": 100000, "batchSize": 32}}))
            client.cancel(job["id"])
            client.wait(job["id"], check=False)
        code, out, _ = self.run_command("download", job["id"])
        self.assertEqual((code, out), (1, ""))


if __name__ == "__main__":
    unittest.main()

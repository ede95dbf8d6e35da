"""gradinit-py: the client as a command. Exit codes: 0 fine, 1 the job failed, 2 the input is wrong, 3 the service cannot be reached, 130 interrupted."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any, Callable, Optional, Sequence

from .client import Client
from .errors import GradinitError, JobFailed, ServiceUnreachable


def _print(value: Any) -> None:
    print(json.dumps(value, indent=2))


def _spec(text: str) -> Any:
    """JSON, or @FILE."""
    if not text.startswith("@"):
        return json.loads(text)
    with open(text[1:], encoding="utf-8") as file:
        return json.load(file)


def _submit(client: Client, given: argparse.Namespace) -> None:
    job = client.submit(_spec(given.spec), idempotency_key=given.idempotency_key)
    print(job["id"], file=sys.stderr)
    _print(client.wait(job["id"]) if given.wait else job)


def _recommend(client: Client, given: argparse.Namespace) -> None:
    job = client.recommend(_spec(given.spec))
    print(job["id"], file=sys.stderr)
    client.wait(job["id"])
    _print(client.recommendation(job["id"]))


def _events(client: Client, given: argparse.Namespace) -> None:
    for event in client.events(given.job):
        print(json.dumps(event), flush=True)


def _logs(client: Client, given: argparse.Namespace) -> None:
    for line in client.logs(given.job):
        print(f"{line['at']}  {line['level'].upper():5}  {line['message']}")


def _download(client: Client, given: argparse.Namespace) -> None:
    job = client.get(given.job)
    if job["status"] != "succeeded":
        raise JobFailed(job)
    for path in client.download_all(given.job, given.folder):
        print(path)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="gradinit-py", description="Client of gradinit-service.")
    parser.add_argument("--url", help="of the service; default GRADINIT_URL, else http://127.0.0.1:8080")
    parser.add_argument("--key", help="API key; default GRADINIT_API_KEY")
    commands = parser.add_subparsers(dest="command", required=True)

    def command(name: str, text: str, run: Callable[[Client, argparse.Namespace], None]) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=text, description=text)
        made.set_defaults(run=run)
        return made

    submit = command("submit", "Submit a job.", _submit)
    submit.add_argument("spec", help="JSON, or @FILE")
    submit.add_argument("--wait", action="store_true", help="until it has ended")
    submit.add_argument("--idempotency-key")
    recommend = command("recommend", "Say which initialisation a model needs on its data, or that it needs none.", _recommend)
    recommend.add_argument("spec", help="model, dataset, options: JSON, or @FILE")
    validate = command("validate", "Check a job without making it.", lambda c, a: _print(c.validate(_spec(a.spec))))
    validate.add_argument("spec", help="JSON, or @FILE")
    upload = command("upload", "Upload the files of one dataset, a topology or weights.", lambda c, a: _print(c.upload(*a.files)))
    upload.add_argument("files", nargs="+")
    command("list", "List jobs, newest first.", lambda c, a: _print(c.list()))
    for name, text, run in (
        ("status", "Show a job.", lambda c, a: _print(c.get(a.job))),
        ("wait", "Wait for a job.", lambda c, a: _print(c.wait(a.job))),
        ("events", "Follow the events of a job, one JSON line each.", _events),
        ("logs", "Print the log of a job.", _logs),
        ("pause", "Pause a job.", lambda c, a: _print(c.pause(a.job))),
        ("resume", "Resume a paused job.", lambda c, a: _print(c.resume(a.job))),
        ("cancel", "Cancel a job.", lambda c, a: _print(c.cancel(a.job))),
        ("retry", "Run a failed or cancelled job again.", lambda c, a: _print(c.retry(a.job))),
        ("delete", "Delete a job that has ended.", lambda c, a: c.delete(a.job)),
    ):
        command(name, text, run).add_argument("job")
    download = command("download", "Download the artifacts of a job.", _download)
    download.add_argument("job")
    download.add_argument("folder", nargs="?", default=".")
    return parser


def main(arguments: Optional[Sequence[str]] = None) -> int:
    given = _parser().parse_args(arguments)
    try:
        with Client(given.url, given.key) as client:
            given.run(client, given)
        return 0
    except KeyboardInterrupt:
        print("interrupted; a job that was submitted goes on", file=sys.stderr)
        return 130
    except JobFailed as error:
        print(error, file=sys.stderr)
        return 1
    except ServiceUnreachable as error:
        print(f"{error.code}: {error}", file=sys.stderr)
        return 3
    except (GradinitError, ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())

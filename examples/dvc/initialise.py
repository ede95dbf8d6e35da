"""The command of the stage: initialise.py MODEL_JSON DATA FOLDER, with the parameters of params.yaml."""

import json
import sys
from pathlib import Path

import yaml

import gradinit


def main(model: str, data: str, folder: str) -> None:
    wanted = yaml.safe_load(Path("params.yaml").read_text())["init"]
    with gradinit.Client() as client:
        job = client.submit(
            {
                "model": {"topology": json.loads(Path(model).read_text())},
                "dataset": {"ref": client.upload(data)["ref"]},
                "method": {"name": wanted["method"], "options": wanted["options"]},
                "seed": wanted["seed"],
                "artifacts": ["safetensors"],
            }
        )
        client.wait(job["id"])
        for name in ("weights.safetensors", "report.json"):
            print(client.download(job["id"], name, folder))


if __name__ == "__main__":
    main(*sys.argv[1:])

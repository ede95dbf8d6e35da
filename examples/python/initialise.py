"""initialise.py MODEL_JSON DATASET_REF OUTPUT: weights for a model by the service at GRADINIT_URL."""

import json
import sys

from gradinit_client import Client, to_pytorch

METHOD = {"name": "gradinit", "options": {"learningRate": 0.01, "iterations": 120}}


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    model, dataset, output = sys.argv[1:]
    with open(model) as file:
        topology = json.load(file)
    client = Client()
    job = client.submit({"model": {"topology": topology}, "dataset": {"ref": dataset}, "method": METHOD, "artifacts": ["safetensors"]})
    print(job["id"], file=sys.stderr)
    client.wait(job["id"])
    client.download(job["id"], "weights.safetensors", output)

    from safetensors.numpy import load_file

    weights = load_file(output)
    for name, value in to_pytorch(weights).items():
        print(name, tuple(value.shape))


if __name__ == "__main__":
    main()

"""A model and data for a job, and what PyTorch computes with the weights that come back.

    python round_trip.py export FOLDER      model.pt2, data.npz
    python round_trip.py check FOLDER       reads out/state-dict/model.safetensors and the rows of out/report.json; prints JSON
"""
import json
import sys

import numpy as np
import torch
from resnet import ResNet, export
from safetensors.torch import load_file
from torch.nn import functional as F


def check(folder):
    model = ResNet().train()
    model.load_state_dict(load_file(f'{folder}/out/state-dict/model.safetensors'), strict=True)
    data = np.load(f'{folder}/data.npz')
    with open(f'{folder}/out/report.json') as file:
        rows = json.load(file)['assessment']['rows']
    x, y = torch.from_numpy(data['x'][rows]), torch.from_numpy(data['y'][rows]).long()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    loss = F.cross_entropy(model(x), y)
    loss.backward()
    norm = sum((p.grad.double() ** 2).sum() for p in model.parameters()).sqrt()
    optimizer.step()
    after = F.cross_entropy(model(x), y)
    print(json.dumps({'loss': loss.item(), 'gradientNorm': norm.item(), 'stepped': after.item()}))


if __name__ == '__main__':
    command, folder = sys.argv[1:]
    torch.manual_seed(0)
    if command == 'export':
        export(f'{folder}/model.pt2')
        generator = np.random.default_rng(0)
        y = np.arange(96, dtype=np.int32) % 10
        x = generator.normal(size=(96, 3, 32, 32)) + y[:, None, None, None] / 5
        np.savez(f'{folder}/data.npz', x=x.astype(np.float32), y=y)
    else:
        check(folder)

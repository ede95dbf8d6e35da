"""A residual network for pictures of 32 x 32, as one writes it in PyTorch.

    python resnet.py export model.pt2
    python resnet.py train model.safetensors PICTURES [--steps 20]

`train` loads the weights strictly, takes some steps of SGD on a folder of pictures by class (train/CLASS/*.jpg), and prints the loss of each.
"""

import argparse
import random
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F


class Block(nn.Module):
    def __init__(self, width_in: int, width: int, stride: int):
        super().__init__()
        self.conv1 = nn.Conv2d(width_in, width, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.shortcut = None if width_in == width else nn.Conv2d(width_in, width, 1, stride, bias=False)

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(y + (x if self.shortcut is None else self.shortcut(x)))


class ResNet(nn.Module):
    """ResNet-14 of He et al., section 4.2, with projections where the width grows."""

    def __init__(self, classes: int = 10, blocks: int = 2):
        super().__init__()
        self.conv = nn.Conv2d(3, 16, 3, 1, 1, bias=False)
        self.bn = nn.BatchNorm2d(16)
        widths = [(16, 16, 1), (16, 32, 2), (32, 64, 2)]
        self.stages = nn.Sequential(
            *(Block(before if i == 0 else width, width, stride if i == 0 else 1) for before, width, stride in widths for i in range(blocks))
        )
        self.fc = nn.Linear(64, classes)

    def forward(self, x):
        x = self.stages(F.relu(self.bn(self.conv(x))))
        return self.fc(x.mean((2, 3)))


def export(path: str) -> None:
    model = ResNet().train()  # batch statistics, as in training
    batch = torch.export.Dim("batch", min=2)
    program = torch.export.export(model, (torch.randn(4, 3, 32, 32),), dynamic_shapes=({0: batch},))
    torch.export.save(program, path)
    print(f"{path}: {sum(p.numel() for p in model.parameters())} parameters")


def train(weights: str, pictures: str, steps: int) -> None:
    import numpy as np
    from PIL import Image
    from safetensors.torch import load_file

    model = ResNet()
    print(model.load_state_dict(load_file(weights), strict=True))
    classes = sorted(folder.name for folder in Path(pictures, "train").iterdir())
    files = [(file, label) for label, name in enumerate(classes) for file in Path(pictures, "train", name).iterdir()]
    random.seed(0)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    for step in range(steps):
        batch = random.sample(files, 64)
        images = np.stack([np.asarray(Image.open(file)) for file, _ in batch])
        x = torch.from_numpy(images).permute(0, 3, 1, 2).float() / 255
        loss = F.cross_entropy(model(x), torch.tensor([label for _, label in batch]))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        print(f"step {step}  loss {loss.item():.4f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("export").add_argument("path")
    training = commands.add_parser("train")
    training.add_argument("weights")
    training.add_argument("pictures")
    training.add_argument("--steps", type=int, default=20)
    given = parser.parse_args()
    if given.command == "export":
        export(given.path)
    else:
        train(given.weights, given.pictures, given.steps)

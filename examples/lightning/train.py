"""A LightningModule whose training starts from weights of gradinit-service: python examples/lightning/train.py [EPOCHS]"""

import sys

import lightning
import torch

import gradinit
from gradinit import torch as gradinit_torch


class Classifier(lightning.LightningModule):
    def __init__(self):
        super().__init__()
        nn = torch.nn
        self.network = nn.Sequential(nn.Linear(16, 64), nn.Tanh(), nn.Linear(64, 64), nn.Tanh(), nn.Linear(64, 3))

    def forward(self, x):
        return self.network(x)

    def training_step(self, batch, _):
        x, y = batch
        loss = torch.nn.functional.cross_entropy(self(x), y)
        self.log("loss", loss)
        return loss

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=0.1, momentum=0.9)


def initialise(module, dataset):
    """The network inside is what is exported: torch.export does not know a LightningModule's hooks."""
    method = {"name": "gradinit", "options": {"learningRate": 0.01, "iterations": 60, "batchSize": 64}}
    x, _ = dataset[0]
    job = gradinit_torch.submit(module.network, x[None], dataset, method=method)
    with gradinit.Client() as client:
        client.wait(job["id"])
    gradinit_torch.load(module.network, job)


def main(epochs=3):
    lightning.seed_everything(0)
    x = torch.randn(600, 16)
    dataset = torch.utils.data.TensorDataset(x, x[:, :3].argmax(dim=1))
    module = Classifier()
    initialise(module, dataset)
    trainer = lightning.Trainer(max_epochs=epochs, logger=False, enable_checkpointing=False, enable_progress_bar=False)
    trainer.fit(module, torch.utils.data.DataLoader(dataset, batch_size=64, shuffle=True))
    print(f"loss {float(trainer.callback_metrics['loss']):.3f}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))

"""gradinit.torch with real PyTorch, against the service of GRADINIT_URL."""

import tempfile
import unittest

import torch

import gradinit
from gradinit import progress
from gradinit import torch as gradinit_torch

OPTIONS = {"name": "gradinit", "options": {"iterations": 4, "batchSize": 32, "learningRate": 1e-2}}


class Tied(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = torch.nn.Linear(8, 6, bias=False)
        self.back = torch.nn.Linear(8, 6, bias=False)
        self.back.weight = self.embed.weight
        self.head = torch.nn.Linear(6, 3)

    def forward(self, x):
        return self.head(torch.tanh(self.embed(x) + self.back(x)))


class TwoInputs(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.left, self.right, self.head = torch.nn.Linear(5, 4), torch.nn.Linear(7, 4), torch.nn.Linear(4, 2)

    def forward(self, a, b):
        return self.head(torch.relu(self.left(a) + self.right(b)))


def network():
    parts = (torch.nn.Conv2d(1, 8, 3), torch.nn.BatchNorm2d(8), torch.nn.ReLU(), torch.nn.Flatten(), torch.nn.Linear(288, 10))
    return torch.nn.Sequential(*parts)


class Torch(unittest.TestCase):
    def setUp(self):
        torch.manual_seed(0)
        self.client = gradinit.Client()
        self.addCleanup(self.client.close)

    def initialised(self, module, example_inputs, data, **spec):
        before = {name: tensor.clone() for name, tensor in module.state_dict().items()}
        job = gradinit_torch.submit(module, example_inputs, data, method=OPTIONS, **spec)
        self.client.wait(job["id"])
        names = gradinit_torch.load(module, job)
        self.assertEqual(sorted(names), sorted(before))
        return job, [name for name in names if not torch.equal(before[name], module.state_dict()[name])]

    def test_a_convolutional_network_in_inference_mode_with_one_example(self):
        module = network().eval()
        data = torch.utils.data.TensorDataset(torch.randn(120, 1, 8, 8), torch.arange(120) % 10)
        job, changed = self.initialised(module, torch.zeros(1, 1, 8, 8), data)
        self.assertFalse(module.training)
        self.assertIn("0.weight", changed)
        self.assertNotIn("1.running_mean", changed)
        self.assertEqual(progress.follow(job, disable=True)["status"], "succeeded")

    def test_tied_weights_stay_tied(self):
        module = Tied()
        _, changed = self.initialised(module, torch.zeros(3, 8), (torch.randn(96, 8), torch.arange(96) % 3))
        self.assertEqual(sorted(changed), ["back.weight", "embed.weight", "head.bias", "head.weight"])
        self.assertIs(module.embed.weight, module.back.weight)

    def test_two_inputs_by_name(self):
        data = {"x0": torch.randn(90, 5), "x1": torch.randn(90, 7), "y": torch.arange(90) % 2}
        _, changed = self.initialised(TwoInputs(), {"a": torch.zeros(2, 5), "b": torch.zeros(2, 7)}, data)
        self.assertIn("right.weight", changed)

    def test_weights_of_another_module_change_nothing(self):
        job, _ = self.initialised(network(), (torch.zeros(2, 1, 8, 8),), "builtin:digits")
        other = torch.nn.Sequential(torch.nn.Linear(2, 2))
        before = other[0].weight.clone()
        with self.assertRaisesRegex(gradinit.WeightsMismatch, "another module"):
            gradinit_torch.load(other, job["id"])
        wider = torch.nn.Sequential(torch.nn.Conv2d(1, 9, 3), torch.nn.BatchNorm2d(9), torch.nn.ReLU(), torch.nn.Flatten(), torch.nn.Linear(324, 10))
        with self.assertRaisesRegex(gradinit.WeightsMismatch, r"\[8"):
            gradinit_torch.load(wider, job)
        self.assertTrue(torch.equal(before, other[0].weight))
        with tempfile.TemporaryDirectory() as folder:
            self.client.download_all(job["id"], folder, prefix="state-dict/")
            self.assertEqual(len(gradinit_torch.load(network(), f"{folder}/state-dict/model.safetensors")), 9)
        with self.assertRaisesRegex(gradinit.WeightsMismatch, "torch.export"):
            model = {"format": "zoo", "name": "mlp", "options": {"inputShape": [8, 8, 1], "classes": 10}}
            zoo = self.client.submit({"model": model, "method": {"name": "kaiming"}})
            self.client.wait(zoo["id"])
            gradinit_torch.load(other, zoo)

    def test_what_is_no_batch_is_refused(self):
        for wrong in (torch.tensor(1.0), [1, 2]):
            with self.assertRaises(TypeError):
                gradinit_torch.export(network(), wrong)


if __name__ == "__main__":
    unittest.main()

"""Writes the models of operations.py as cases: FOLDER/NAME with the exported model, its state_dict, inputs, and what PyTorch computes in float64.

    python export_cases.py FOLDER [NAME ...]

Norms of gradients are differentiated by the scale of each tensor at 1, with dropout off.
"""
import copy
import json
import os
import sys

import torch
from operations import models
from safetensors.torch import save_file
from torch.export import Dim
from torch.func import functional_call
from torch.utils._pytree import tree_leaves

# Their backward pass cannot be differentiated again.
for kernel in ('flash', 'mem_efficient', 'cudnn'):
    getattr(torch.backends.cuda, f'enable_{kernel}_sdp')(False)


def first(output):
    return next(leaf for leaf in tree_leaves(output) if isinstance(leaf, torch.Tensor))


def double(x):
    return x.double() if x.is_floating_point() else x


def derivatives(model, inputs, target):
    """loss, l2, l1 and the derivatives of both norms by every scale; null where one does not depend on it."""
    trained = {name: p for name, p in model.named_parameters() if p.requires_grad}
    scales = {name: torch.ones((), dtype=torch.float64, requires_grad=True) for name in trained}
    scaled = {name: p * scales[name] for name, p in trained.items()}
    output = first(functional_call(model, scaled, inputs, tie_weights=True))
    loss = ((output - target) ** 2).mean()
    found = torch.autograd.grad(loss, list(scaled.values()), create_graph=True, allow_unused=True)
    gradients = [g for g in found if g is not None]
    norms = {'l2': sum((g**2).sum() for g in gradients).sqrt(), 'l1': sum(g.abs().sum() for g in gradients)}
    by_scale = {}
    for name, norm in norms.items():
        for own, value in zip(
            scales, torch.autograd.grad(norm, list(scales.values()), retain_graph=True, allow_unused=True)
        ):
            if value is not None:
                by_scale[f'd_{name}/{own}'] = value.reshape(1)
    return {'loss': loss.item(), **{name: norm.item() for name, norm in norms.items()}}, by_scale


def write(folder, model, inputs):
    os.makedirs(folder, exist_ok=True)
    model.train()
    batch = Dim('batch', min=2, max=4096)
    program = torch.export.export(model, inputs, dynamic_shapes=tuple({0: batch} for _ in inputs))
    torch.export.save(program, f'{folder}/model.pt2')
    state = {name: tensor.detach().clone().contiguous() for name, tensor in model.state_dict().items()}
    save_file(state, f'{folder}/state.safetensors')
    wide = tuple(double(x) for x in inputs)
    outputs = {
        'train64': first(copy.deepcopy(model).double().train()(*wide)).detach().contiguous(),
        'eval': first(copy.deepcopy(model).double().eval()(*wide)).detach().contiguous(),
    }
    save_file(outputs, f'{folder}/outputs.safetensors')
    target = torch.randn(outputs['train64'].shape, dtype=torch.float64)
    named = {f'x{index}' if len(inputs) > 1 else 'x': x for index, x in enumerate(inputs)}
    save_file({**named, 'y': target.float()}, f'{folder}/inputs.safetensors')
    truth, by_scale = derivatives(copy.deepcopy(model).double().train(), wide, target.float().double())
    save_file(by_scale, f'{folder}/gradients.safetensors')
    parts = {
        'gradients': truth,
        'about': {
            'torch': torch.__version__,
            'expect': 'ok',
            'loss': 'mse',
            'state_dict': [
                {'name': name, 'shape': list(tensor.shape), 'dtype': str(tensor.dtype).removeprefix('torch.')}
                for name, tensor in state.items()
            ],
        },
    }
    for name, content in parts.items():
        with open(f'{folder}/{name}.json', 'w') as file:
            json.dump(content, file)


if __name__ == '__main__':
    target, *wanted = sys.argv[1:]
    torch.manual_seed(0)
    for name, (model, inputs) in models().items():
        if not wanted or name in wanted:
            write(f'{target}/{name}', model, inputs)
            print(name, flush=True)

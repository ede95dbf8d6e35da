"""PyTorch modules in, weights back into them, strictly.

    job = gradinit.torch.submit(module, torch.zeros(2, 1, 28, 28), (images, labels))
    gradinit.Client().wait(job["id"])
    gradinit.torch.load(module, job)
"""

from __future__ import annotations

import io
import json
import os
import tempfile
from pathlib import Path
from typing import Any, Mapping, Optional, Union

import torch
from safetensors.torch import load_file

from ._given import client_or_default, dataset_spec, job_id_of, method_spec
from .client import Client
from .errors import WeightsMismatch

State = Mapping[str, torch.Tensor]


def submit(module: torch.nn.Module, example_inputs: Any, data: Any, *, client: Optional[Client] = None, method: Any = "gradinit", **spec: Any) -> Any:
    """Exports a module with torch.export, uploads it and submits a job.

    example_inputs: a tensor, a tuple of tensors, or tensors by the names of the arguments of forward; axis 0 is the batch, of any length
    data: {"ref": ...}, a reference as text, a pair (x, y) of arrays or tensors, arrays by name, or a torch.utils.data.Dataset of pairs (x, y)
    method: a name, or {"name": ..., "options": ...}
    spec: other fields of the job: loss, seed, metadata, ...
    """
    program = export(module, example_inputs)
    with client_or_default(client) as service:
        uploaded = service.upload(("model.pt2", program))
        wish = {"model": {"ref": uploaded["ref"]}, "dataset": dataset_spec(service, _arrays(data)), "method": method_spec(method), **spec}
        return service.submit(wish)


def export(module: torch.nn.Module, example_inputs: Any) -> bytes:
    """The .pt2 archive of a module as it trains (`module.train()`), for batches of any length. The module keeps its modes and values."""
    arguments, named = _arguments(example_inputs)
    batch = torch.export.Dim("batch", min=2)
    shapes: Any = {name: {0: batch} for name in named} if named else tuple({0: batch} for _ in arguments)
    modes = [(part, part.training) for part in module.modules()]
    try:
        program = torch.export.export(module.train(), arguments, named, dynamic_shapes=shapes)
    finally:
        for part, is_training in modes:
            part.training = is_training
    buffer = io.BytesIO()
    torch.export.save(program, buffer)
    return buffer.getvalue()


def load(module: torch.nn.Module, source: Union[str, "os.PathLike[str]", State], *, client: Optional[Client] = None) -> list[str]:
    """Loads every tensor into the module's state_dict; returns their names.

    source: a job or its id, the path of a model.safetensors or model.safetensors.index.json, or a mapping of names to tensors

    Names, shapes and types have to be those of the state_dict, and nothing may be left over on either side. Raises WeightsMismatch and changes nothing
    then.
    """
    state = _state(source, client)
    own = module.state_dict()
    missing, strange = sorted(own.keys() - state.keys()), sorted(state.keys() - own.keys())
    if missing or strange:
        raise WeightsMismatch(f"the weights belong to another module: without a tensor are {missing[:5]}, without a place {strange[:5]}")
    for name, tensor in state.items():
        if tensor.shape != own[name].shape or tensor.dtype != own[name].dtype:
            raise WeightsMismatch(f"{name} is {tensor.dtype} {list(tensor.shape)}, in the module {own[name].dtype} {list(own[name].shape)}")
    module.load_state_dict(dict(state), strict=True)
    return list(state)


def _arguments(example_inputs: Any) -> tuple[tuple[torch.Tensor, ...], dict[str, torch.Tensor]]:
    """Positional and named arguments of forward. torch.export takes an axis of length 1 for a constant, so that a batch of one is doubled."""
    if isinstance(example_inputs, Mapping):
        return (), {name: _batch(value) for name, value in example_inputs.items()}
    values = example_inputs if isinstance(example_inputs, (tuple, list)) else (example_inputs,)
    return tuple(_batch(value) for value in values), {}


def _batch(value: Any) -> torch.Tensor:
    if not isinstance(value, torch.Tensor) or value.ndim == 0:
        raise TypeError("example_inputs are tensors whose axis 0 is the batch")
    return torch.cat([value, value]) if len(value) == 1 else value


def _arrays(data: Any) -> Any:
    """Data with arrays for tensors; a dataset of pairs is stacked."""
    if isinstance(data, torch.utils.data.Dataset):
        pairs = [data[index] for index in range(len(data))]  # type: ignore[arg-type]
        return tuple(torch.stack([torch.as_tensor(pair[part]) for pair in pairs]).numpy() for part in (0, 1))
    if isinstance(data, Mapping):
        return {name: _array(value) for name, value in data.items()}
    if isinstance(data, (tuple, list)):
        return tuple(_array(value) for value in data)
    return data


def _array(value: Any) -> Any:
    return value.detach().cpu().numpy() if isinstance(value, torch.Tensor) else value


def _state(source: Any, client: Optional[Client]) -> State:
    job_id = job_id_of(source)
    if job_id is None:
        return source if isinstance(source, Mapping) else _read(Path(source))
    with tempfile.TemporaryDirectory() as folder, client_or_default(client) as service:
        files = service.download_all(job_id, folder, prefix="state-dict/")
        entry = next((file for file in files if file.name.endswith(".index.json")), files[0] if files else None)
        if entry is None:
            raise WeightsMismatch(f"{job_id} has no artifact state-dict: its model is not of torch.export")
        return {name: tensor.clone() for name, tensor in _read(entry).items()}


def _read(path: Path) -> State:
    """One safetensors file, or all that an index names."""
    if path.suffix != ".json":
        return load_file(path)
    names = set(json.loads(path.read_text())["weight_map"].values())
    return {name: tensor for file in sorted(names) for name, tensor in load_file(path.with_name(file)).items()}

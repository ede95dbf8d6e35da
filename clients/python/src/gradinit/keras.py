"""Keras models in, weights back into them, strictly.

    job = gradinit.keras.submit(model, {"ref": "builtin:digits"}, client=client)
    client.wait(job["id"])
    gradinit.keras.load(model, job["id"], client=client)
"""

from __future__ import annotations

import json
import os
import tempfile
from typing import Any, Mapping, Optional, Union

import numpy as np

from . import numpy as arrays
from ._given import client_or_default, dataset_spec, job_id_of, method_spec
from .client import Client
from .errors import WeightsMismatch

Weights = Mapping[str, np.ndarray]


def submit(model: Any, data: Any, *, client: Optional[Client] = None, method: Any = "gradinit", **spec: Any) -> Any:
    """Submits a job for a Keras model.

    data: {"ref": ...}, a reference as text, a pair (x, y) of arrays or arrays by name, which are uploaded
    method: a name, or {"name": ..., "options": ...}
    spec: other fields of the job: loss, seed, artifacts, metadata, ...
    """
    topology = json.loads(model.to_json())
    with client_or_default(client) as service:
        wish = {"model": {"topology": topology}, "dataset": dataset_spec(service, data), "method": method_spec(method), **spec}
        return service.submit(wish)


def load(model: Any, source: Union[str, "os.PathLike[str]", Weights], *, client: Optional[Client] = None) -> list[str]:
    """Assigns every weight to the model's variables; returns the names in the order of `model.weights`.

    source: a job or its id, the path of a weights.safetensors or weights.npz, or a mapping of names to arrays

    By path where every tensor's name is the path of exactly one variable, else by order: weights are written in the order of `model.weights`. In both
    cases every shape is compared and nothing may be left over on either side. A mapping has no order that could be relied on, so that its names must be
    paths. States of random generators are no weights and are left alone. Raises WeightsMismatch and changes nothing then.
    """
    tensors, is_ordered = _tensors(source, client)
    variables = [variable for variable in model.weights if not _is_seed_state(variable)]
    pairs = _by_path(variables, tensors) or _by_order(variables, tensors, is_ordered)
    for variable, name in pairs:
        if tuple(variable.shape) != tensors[name].shape:
            raise WeightsMismatch(f"{name} has the shape {list(tensors[name].shape)}, the variable {_path(variable)} {list(variable.shape)}")
    for variable, name in pairs:
        variable.assign(tensors[name])
    for layer in model._flatten_layers():
        # A Normalization computes with copies of its variables.
        if hasattr(layer, "finalize_state"):
            layer.finalize_state()
    return [name for _, name in pairs]


def _tensors(source: Any, client: Optional[Client]) -> tuple[Weights, bool]:
    """The arrays by name, and whether their order is that of the model."""
    job_id = job_id_of(source)
    if job_id is not None:
        with tempfile.TemporaryDirectory() as folder, client_or_default(client) as service:
            return {name: np.array(value) for name, value in arrays.weights(service, job_id, folder).items()}, True
    if isinstance(source, Mapping):
        return {name: np.asarray(value) for name, value in source.items()}, False
    return arrays.read_weights(source), True


def _is_seed_state(variable: Any) -> bool:
    return _path(variable).rsplit("/", 1)[-1] in ("seed_generator_state", "seed_state")


def _path(variable: Any) -> str:
    return str(getattr(variable, "path", variable.name)).removesuffix(":0")


def _by_path(variables: list[Any], tensors: Weights) -> Optional[list[tuple[Any, str]]]:
    """Pairs by path, with or without the name of the model in front; None unless every variable and every tensor has one partner."""
    pairs = []
    for variable in variables:
        path = _path(variable)
        names = [name for name in {path, path.split("/", 1)[-1]} if name in tensors]
        if len(names) != 1:
            return None
        pairs.append((variable, names[0]))
    names = [name for _, name in pairs]
    return pairs if len(set(names)) == len(names) == len(tensors) else None


def _by_order(variables: list[Any], tensors: Weights, is_ordered: bool) -> list[tuple[Any, str]]:
    if len(variables) != len(tensors):
        raise WeightsMismatch(
            f"the model has {len(variables)} variables, the weights are {len(tensors)} tensors: they belong to another model"
        )
    if not is_ordered:
        paths = {_path(variable) for variable in variables}
        strange = next((name for name in tensors if name not in paths), "a name")
        raise WeightsMismatch(
            f"{strange} is not the path of one variable, and a mapping has no order to go by: give the file weights.safetensors or weights.npz itself"
        )
    return list(zip(variables, tensors))

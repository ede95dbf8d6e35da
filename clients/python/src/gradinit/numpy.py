"""numpy arrays in and out: arrays straight to an upload, weights as a dictionary of arrays in the order of the model."""

from __future__ import annotations

import io
import json
import os
import struct
from pathlib import Path
from typing import Any, Mapping, Union

import numpy as np

from .client import Client

_DTYPES = {"F32": "<f4", "F64": "<f8", "F16": "<f2", "I32": "<i4", "I64": "<i8", "U8": "|u1", "I8": "|i1", "BOOL": "|b1"}


def upload(client: Client, *, name: str = "data.npz", **arrays: Any) -> Any:
    """Uploads arrays as one npz dataset, for example `upload(client, x=images, y=labels)`.

    Axis 0 of every array is the sample. Raises ValueError for arrays of objects and for lengths that differ.
    """
    converted = {key: np.asarray(value) for key, value in arrays.items()}
    if not converted:
        raise ValueError("there are no arrays to upload")
    for key, value in converted.items():
        if value.dtype == object:
            raise ValueError(f"{key} is an array of objects; give it a number type, for example np.stack or .astype('float32')")
        if value.ndim == 0:
            raise ValueError(f"{key} is a scalar; axis 0 has to be the sample")
    lengths = {key: len(value) for key, value in converted.items()}
    if len(set(lengths.values())) > 1:
        raise ValueError(f"the arrays have different numbers of samples: {lengths}")
    buffer = io.BytesIO()
    np.savez(buffer, **converted)
    return client.upload((name, buffer.getvalue()))


def read_safetensors(path: Union[str, "os.PathLike[str]"]) -> dict[str, np.ndarray]:
    """The tensors of a safetensors file in the order of the model's parameters: that of its metadata entry `order`, else the one in which they lie in it."""
    content = Path(path).read_bytes()
    (length,) = struct.unpack("<Q", content[:8])
    header: dict[str, Any] = json.loads(content[8 : 8 + length])
    order = json.loads((header.pop("__metadata__", None) or {}).get("order", "[]"))
    tensors = {}
    for name, entry in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
        if entry["dtype"] not in _DTYPES:
            raise ValueError(f"{name} has the dtype {entry['dtype']}, which numpy does not have")
        begin, end = (8 + length + offset for offset in entry["data_offsets"])
        tensors[name] = np.frombuffer(content[begin:end], _DTYPES[entry["dtype"]]).reshape(entry["shape"])
    return {name: tensors[name] for name in order} if sorted(order) == sorted(tensors) else tensors


def read_weights(path: Union[str, "os.PathLike[str]"]) -> dict[str, np.ndarray]:
    """The tensors of a weights.safetensors or weights.npz in the order of the model's parameters."""
    with open(path, "rb") as file:
        is_zip = file.read(2) == b"PK"
    if not is_zip:
        return read_safetensors(path)
    with np.load(path) as file:
        return {name: file[name] for name in file.files}


def weights(client: Client, job_id: str, folder: Union[str, "os.PathLike[str]"]) -> Mapping[str, np.ndarray]:
    """Downloads the weights of a job below `folder` and reads them."""
    return read_safetensors(client.download(job_id, "weights.safetensors", folder))

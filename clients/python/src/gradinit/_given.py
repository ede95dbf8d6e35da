"""What users give in more than one form: a client or none, a job or its id, data, a method."""

from __future__ import annotations

import os
import re
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Iterator, Mapping, Optional

from .client import Client


@contextmanager
def client_or_default(client: Optional[Client]) -> Iterator[Client]:
    """The client itself, or one of the environment (GRADINIT_URL, GRADINIT_API_KEY), which is closed afterwards."""
    if client is not None:
        yield client
        return
    with Client() as own:
        yield own


def job_id_of(source: Any) -> Optional[str]:
    """The id of a job that is given by its id or as the API answers it; None for anything else, such as the path of a file."""
    if isinstance(source, Mapping) and isinstance(source.get("id"), str) and "status" in source:
        return str(source["id"])
    if isinstance(source, (str, os.PathLike)) and re.fullmatch(r"job_[0-9a-zA-Z]+", str(source)) and not Path(source).exists():
        return str(source)
    return None


def dataset_spec(client: Client, data: Any) -> Mapping[str, Any]:
    """The `dataset` of a job.

    data: a specification ({"ref": ...}), a reference as text, a pair (x, y) of arrays, or arrays by name ({"x0": ..., "x1": ..., "y": ...})
    """
    if isinstance(data, str):
        return {"ref": data}
    if isinstance(data, Mapping) and "ref" in data:
        return data
    if isinstance(data, Mapping):
        named = dict(data)
    elif isinstance(data, (tuple, list)) and len(data) == 2:
        named = {"x": data[0], "y": data[1]}
    else:
        raise TypeError(f"data is a {type(data).__name__}: expected a reference, {{'ref': ...}}, a pair (x, y) of arrays, or arrays by name")
    from . import numpy as arrays

    return {"ref": f"dataset:{arrays.upload(client, **named)['id']}"}


def method_spec(method: Any) -> Mapping[str, Any]:
    """The `method` of a job: a name, or {"name": ..., "options": ...}."""
    return {"name": method} if isinstance(method, str) else method

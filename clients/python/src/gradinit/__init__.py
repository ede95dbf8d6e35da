"""gradinit: initial weights of neural networks, computed by gradinit-service.

Client and AsyncClient speak to the service. gradinit.keras, gradinit.numpy, gradinit.progress and gradinit.mlflow need the packages that they are named
after and are imported on their own.
"""

from .async_client import AsyncClient
from .client import Client
from .errors import DownloadCorrupt, GradinitError, JobFailed, ServiceError, ServiceUnreachable, WeightsMismatch

__all__ = [
    "AsyncClient",
    "Client",
    "DownloadCorrupt",
    "GradinitError",
    "JobFailed",
    "ServiceError",
    "ServiceUnreachable",
    "WeightsMismatch",
]

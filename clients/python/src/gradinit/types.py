"""What travels over HTTP, out of /openapi.json: written by npm run client:types, not by hand."""

from __future__ import annotations

import sys
from typing import Any, Literal, Union

if sys.version_info >= (3, 11):
    from typing import NotRequired, TypedDict
else:
    from typing_extensions import NotRequired, TypedDict


class DatasetSpecOptionsNormalize(TypedDict):
    mean: list[float]
    std: list[float]


class DatasetSpecOptions(TypedDict):
    format: NotRequired[Literal["npz", "npy", "parquet", "safetensors", "arrow", "tfrecord", "matlab", "hdf5", "idx", "cifar-100", "cifar-10", "json", "libsvm", "webdataset", "pictures", "csv"]]
    part: NotRequired[Literal["train", "validation", "test"]]
    inputs: NotRequired[list[str]]
    target: NotRequired[Union[str, list[str], list[list[str]]]]
    normalize: NotRequired[Union[Literal["auto", "per-channel", "unit", "none"], DatasetSpecOptionsNormalize]]
    validationSplit: NotRequired[float]
    splitSeed: NotRequired[int]
    layout: NotRequired[Literal["channels-last", "channels-first"]]
    shape: NotRequired[list[int]]
    targets: NotRequired[Union[Literal["auto", "classes", "values"], list[Literal["auto", "classes", "values"]]]]
    classes: NotRequired[int]
    ignoreLabel: NotRequired[int]
    mask: NotRequired[str]
    padTo: NotRequired[int]
    padValue: NotRequired[int]
    imageSize: NotRequired[list[int]]
    labels: NotRequired[Literal["fine", "coarse"]]
    header: NotRequired[Union[Literal["auto"], bool]]
    delimiter: NotRequired[Literal["auto", ",", ";", "\t", "|", "blanks"]]
    decimal: NotRequired[Literal["auto", "point", "comma"]]
    labelColumn: NotRequired[Union[int, str]]


class DatasetSpec(TypedDict):
    """A reference to data (builtin:digits, dataset:ID, https://, file:), and how to read it."""
    ref: str
    options: NotRequired[DatasetSpecOptions]


class WebhookSpec(TypedDict):
    """Where events are announced, by Standard Webhooks."""
    url: str
    events: NotRequired[list[Literal["job.running", "job.paused", "job.succeeded", "job.failed", "job.cancelled", "job.expired"]]]
    secret: NotRequired[str]


class JobSpecModel1(TypedDict):
    """A topology inline: what model.toJSON() (tfjs) or model.to_json() (Keras 3) gives."""
    format: NotRequired[Literal["keras3", "keras1", "keras2", "tfjs-layers"]]
    topology: Union[dict[str, Any], str]


class JobSpecModel2(TypedDict):
    """A network of the zoo."""
    format: Literal["zoo"]
    name: str
    options: NotRequired[dict[str, Any]]


class JobSpecModel3(TypedDict):
    """An uploaded file of a topology (JSON, .keras, .h5, .pt2, .onnx): dataset:ID of the upload."""
    ref: str


class JobSpecMethod(TypedDict):
    name: str
    options: NotRequired[dict[str, Any]]


class JobSpecLoss(TypedDict):
    name: Literal["softmax-cross-entropy", "sigmoid-cross-entropy", "mean-squared-error", "huber"]
    options: NotRequired[dict[str, Any]]


class JobSpecLossItem(TypedDict):
    name: Literal["softmax-cross-entropy", "sigmoid-cross-entropy", "mean-squared-error", "huber"]
    options: NotRequired[dict[str, Any]]


class JobSpecWeights(TypedDict):
    """Start from these weights instead of the initialisers."""
    ref: str


class JobSpecSourceModel1(TypedDict):
    """A network of the zoo."""
    format: Literal["zoo"]
    name: str
    options: NotRequired[dict[str, Any]]


class JobSpecSourceModel2(TypedDict):
    """An uploaded file of a topology (JSON, .keras, .h5, .pt2, .onnx): dataset:ID of the upload."""
    ref: str


class JobSpecSourceWeights(TypedDict):
    """Weights of that model; left out where its file holds them."""
    ref: str


class JobSpecSource(TypedDict):
    """Another network that was trained, of which methods that reuse weights (net2net, weight-selection) take them."""
    model: Union[JobSpecSourceModel1, JobSpecSourceModel2]
    weights: NotRequired[JobSpecSourceWeights]


class JobSpecLimits(TypedDict):
    maxQueueSeconds: NotRequired[int]
    maxRunSeconds: NotRequired[int]


class JobSpecRetry(TypedDict):
    """How attempts that were lost or failed are repeated."""
    maxAttempts: NotRequired[int]
    initialMs: NotRequired[int]
    factor: NotRequired[float]
    maxMs: NotRequired[int]
    nonRetryable: NotRequired[list[str]]


class JobSpecResources(TypedDict):
    """What the job needs of its worker."""
    device: NotRequired[Literal["any", "cpu", "gpu"]]


class JobSpecTrainingAugmentation(TypedDict):
    """Seeded transforms of the training images, [height, width, channels]. Off when left out."""
    crop: NotRequired[int]
    flip: NotRequired[bool]
    cutout: NotRequired[int]


class JobSpecTrainingTestOptionsNormalize(TypedDict):
    mean: list[float]
    std: list[float]


class JobSpecTrainingTestOptions(TypedDict):
    format: NotRequired[Literal["npz", "npy", "parquet", "safetensors", "arrow", "tfrecord", "matlab", "hdf5", "idx", "cifar-100", "cifar-10", "json", "libsvm", "webdataset", "pictures", "csv"]]
    part: NotRequired[Literal["train", "validation", "test"]]
    inputs: NotRequired[list[str]]
    target: NotRequired[Union[str, list[str], list[list[str]]]]
    normalize: NotRequired[Union[Literal["auto", "per-channel", "unit", "none"], JobSpecTrainingTestOptionsNormalize]]
    validationSplit: NotRequired[float]
    splitSeed: NotRequired[int]
    layout: NotRequired[Literal["channels-last", "channels-first"]]
    shape: NotRequired[list[int]]
    targets: NotRequired[Union[Literal["auto", "classes", "values"], list[Literal["auto", "classes", "values"]]]]
    classes: NotRequired[int]
    ignoreLabel: NotRequired[int]
    mask: NotRequired[str]
    padTo: NotRequired[int]
    padValue: NotRequired[int]
    imageSize: NotRequired[list[int]]
    labels: NotRequired[Literal["fine", "coarse"]]
    header: NotRequired[Union[Literal["auto"], bool]]
    delimiter: NotRequired[Literal["auto", ",", ";", "\t", "|", "blanks"]]
    decimal: NotRequired[Literal["auto", "point", "comma"]]
    labelColumn: NotRequired[Union[int, str]]


class JobSpecTrainingTest(TypedDict):
    """Samples to measure accuracy on. Default: those that the dataset sets aside by validationSplit."""
    ref: str
    options: NotRequired[JobSpecTrainingTestOptions]


class JobSpecTraining(TypedDict):
    """Trains the network after it was initialised and reports how well that went."""
    epochs: NotRequired[int]
    stopAfterEpochs: NotRequired[int]
    evaluations: NotRequired[int]
    batchSize: NotRequired[int]
    optimizer: NotRequired[Literal["sgd", "adam"]]
    learningRate: NotRequired[float]
    momentum: NotRequired[float]
    beta1: NotRequired[float]
    beta2: NotRequired[float]
    schedule: NotRequired[Literal["cosine", "constant"]]
    warmupEpochs: NotRequired[float]
    weightDecay: NotRequired[float]
    weightDecayGroups: NotRequired[Literal["published", "all", "weights"]]
    gradientClip: NotRequired[Union[float, None]]
    augmentation: NotRequired[JobSpecTrainingAugmentation]
    test: NotRequired[JobSpecTrainingTest]
    selection: NotRequired[bool]


class JobSpec(TypedDict):
    """A model, the data it will be trained on, and the method that initialises it."""
    model: Union[JobSpecModel1, JobSpecModel2, JobSpecModel3]
    dataset: NotRequired[DatasetSpec]
    method: JobSpecMethod
    loss: NotRequired[Union[Literal["softmax-cross-entropy", "sigmoid-cross-entropy", "mean-squared-error", "huber"], JobSpecLoss, list[Union[Literal["softmax-cross-entropy", "sigmoid-cross-entropy", "mean-squared-error", "huber"], JobSpecLossItem]]]]
    lossWeights: NotRequired[list[float]]
    output: NotRequired[Union[str, int]]
    seed: NotRequired[int]
    weights: NotRequired[JobSpecWeights]
    source: NotRequired[JobSpecSource]
    artifacts: NotRequired[list[Literal["safetensors", "tfjs-layers", "keras", "npz", "state-dict"]]]
    limits: NotRequired[JobSpecLimits]
    retry: NotRequired[JobSpecRetry]
    resources: NotRequired[JobSpecResources]
    priority: NotRequired[Literal["high", "normal", "low"]]
    training: NotRequired[JobSpecTraining]
    webhook: NotRequired[WebhookSpec]
    metadata: NotRequired[dict[str, str]]


class JobSpecificationMethod(TypedDict):
    name: str
    options: NotRequired[dict[str, Any]]


class JobSpecificationLoss(TypedDict):
    name: Literal["softmax-cross-entropy", "sigmoid-cross-entropy", "mean-squared-error", "huber"]
    options: NotRequired[dict[str, Any]]


class JobSpecificationLossItem(TypedDict):
    name: Literal["softmax-cross-entropy", "sigmoid-cross-entropy", "mean-squared-error", "huber"]
    options: NotRequired[dict[str, Any]]


class JobSpecificationWeights(TypedDict):
    """Start from these weights instead of the initialisers."""
    ref: str


class JobSpecificationSourceModel1(TypedDict):
    """A network of the zoo."""
    format: Literal["zoo"]
    name: str
    options: NotRequired[dict[str, Any]]


class JobSpecificationSourceModel2(TypedDict):
    """An uploaded file of a topology (JSON, .keras, .h5, .pt2, .onnx): dataset:ID of the upload."""
    ref: str


class JobSpecificationSourceWeights(TypedDict):
    """Weights of that model; left out where its file holds them."""
    ref: str


class JobSpecificationSource(TypedDict):
    """Another network that was trained, of which methods that reuse weights (net2net, weight-selection) take them."""
    model: Union[JobSpecificationSourceModel1, JobSpecificationSourceModel2]
    weights: NotRequired[JobSpecificationSourceWeights]


class JobSpecificationLimits(TypedDict):
    maxQueueSeconds: NotRequired[int]
    maxRunSeconds: NotRequired[int]


class JobSpecificationRetry(TypedDict):
    """How attempts that were lost or failed are repeated."""
    maxAttempts: NotRequired[int]
    initialMs: NotRequired[int]
    factor: NotRequired[float]
    maxMs: NotRequired[int]
    nonRetryable: NotRequired[list[str]]


class JobSpecificationResources(TypedDict):
    """What the job needs of its worker."""
    device: NotRequired[Literal["any", "cpu", "gpu"]]


class JobSpecificationTrainingAugmentation(TypedDict):
    """Seeded transforms of the training images, [height, width, channels]. Off when left out."""
    crop: NotRequired[int]
    flip: NotRequired[bool]
    cutout: NotRequired[int]


class JobSpecificationTrainingTestOptionsNormalize(TypedDict):
    mean: list[float]
    std: list[float]


class JobSpecificationTrainingTestOptions(TypedDict):
    format: NotRequired[Literal["npz", "npy", "parquet", "safetensors", "arrow", "tfrecord", "matlab", "hdf5", "idx", "cifar-100", "cifar-10", "json", "libsvm", "webdataset", "pictures", "csv"]]
    part: NotRequired[Literal["train", "validation", "test"]]
    inputs: NotRequired[list[str]]
    target: NotRequired[Union[str, list[str], list[list[str]]]]
    normalize: NotRequired[Union[Literal["auto", "per-channel", "unit", "none"], JobSpecificationTrainingTestOptionsNormalize]]
    validationSplit: NotRequired[float]
    splitSeed: NotRequired[int]
    layout: NotRequired[Literal["channels-last", "channels-first"]]
    shape: NotRequired[list[int]]
    targets: NotRequired[Union[Literal["auto", "classes", "values"], list[Literal["auto", "classes", "values"]]]]
    classes: NotRequired[int]
    ignoreLabel: NotRequired[int]
    mask: NotRequired[str]
    padTo: NotRequired[int]
    padValue: NotRequired[int]
    imageSize: NotRequired[list[int]]
    labels: NotRequired[Literal["fine", "coarse"]]
    header: NotRequired[Union[Literal["auto"], bool]]
    delimiter: NotRequired[Literal["auto", ",", ";", "\t", "|", "blanks"]]
    decimal: NotRequired[Literal["auto", "point", "comma"]]
    labelColumn: NotRequired[Union[int, str]]


class JobSpecificationTrainingTest(TypedDict):
    """Samples to measure accuracy on. Default: those that the dataset sets aside by validationSplit."""
    ref: str
    options: NotRequired[JobSpecificationTrainingTestOptions]


class JobSpecificationTraining(TypedDict):
    """Trains the network after it was initialised and reports how well that went."""
    epochs: NotRequired[int]
    stopAfterEpochs: NotRequired[int]
    evaluations: NotRequired[int]
    batchSize: NotRequired[int]
    optimizer: NotRequired[Literal["sgd", "adam"]]
    learningRate: NotRequired[float]
    momentum: NotRequired[float]
    beta1: NotRequired[float]
    beta2: NotRequired[float]
    schedule: NotRequired[Literal["cosine", "constant"]]
    warmupEpochs: NotRequired[float]
    weightDecay: NotRequired[float]
    weightDecayGroups: NotRequired[Literal["published", "all", "weights"]]
    gradientClip: NotRequired[Union[float, None]]
    augmentation: NotRequired[JobSpecificationTrainingAugmentation]
    test: NotRequired[JobSpecificationTrainingTest]
    selection: NotRequired[bool]


class JobSpecificationModel1(TypedDict):
    """A network of the zoo."""
    format: Literal["zoo"]
    name: str
    options: NotRequired[dict[str, Any]]


class JobSpecificationModel2(TypedDict):
    """An uploaded file of a topology (JSON, .keras, .h5, .pt2, .onnx): dataset:ID of the upload."""
    ref: str


class JobSpecificationModel3Topology(TypedDict):
    name: Union[str, None]
    sha256: str
    bytes: int


class JobSpecificationModel3(TypedDict):
    """A topology that was posted inline."""
    format: Union[str, None]
    topology: JobSpecificationModel3Topology


class JobSpecificationWebhook(TypedDict):
    url: str
    events: list[Literal["job.running", "job.paused", "job.succeeded", "job.failed", "job.cancelled", "job.expired"]]


class JobSpecification(TypedDict):
    """What the job was asked to do, with defaults filled in."""
    dataset: NotRequired[DatasetSpec]
    method: JobSpecificationMethod
    loss: NotRequired[Union[Literal["softmax-cross-entropy", "sigmoid-cross-entropy", "mean-squared-error", "huber"], JobSpecificationLoss, list[Union[Literal["softmax-cross-entropy", "sigmoid-cross-entropy", "mean-squared-error", "huber"], JobSpecificationLossItem]]]]
    lossWeights: NotRequired[list[float]]
    output: NotRequired[Union[str, int]]
    seed: NotRequired[int]
    weights: NotRequired[JobSpecificationWeights]
    source: NotRequired[JobSpecificationSource]
    artifacts: NotRequired[list[Literal["safetensors", "tfjs-layers", "keras", "npz", "state-dict"]]]
    limits: NotRequired[JobSpecificationLimits]
    retry: NotRequired[JobSpecificationRetry]
    resources: NotRequired[JobSpecificationResources]
    priority: NotRequired[Literal["high", "normal", "low"]]
    training: NotRequired[JobSpecificationTraining]
    model: Union[JobSpecificationModel1, JobSpecificationModel2, JobSpecificationModel3]
    webhook: NotRequired[JobSpecificationWebhook]


class JobProgress(TypedDict):
    iteration: int
    iterations: Union[int, None]
    etaSeconds: Union[float, None]


class JobMetrics(TypedDict):
    branch: Union[str, None]
    loss: Union[float, None]
    gradientNorm: Union[float, None]
    objective: Union[float, None]
    secondsPerIteration: Union[float, None]


class JobError(TypedDict):
    code: str
    message: str


class JobLinks(TypedDict):
    self: str
    events: str
    logs: str
    artifacts: str
    weights: str
    deliveries: str
    cancel: str
    pause: str
    resume: str
    retry: str


class Job(TypedDict):
    """A job: the wish, how far it is, and where to go from here."""
    id: str
    status: Literal["queued", "paused", "running", "pausing", "cancelling", "succeeded", "failed", "cancelled", "expired"]
    phase: Union[Literal["loading", "initializing", "training", "finalizing", "waiting"], None]
    attempt: int
    failures: int
    nextAttemptAt: Union[str, None]
    owner: str
    method: str
    comparison: Union[str, None]
    specification: JobSpecification
    createdAt: str
    startedAt: Union[str, None]
    finishedAt: Union[str, None]
    progress: JobProgress
    metrics: Union[JobMetrics, None]
    error: Union[JobError, None]
    device: Union[str, None]
    metadata: dict[str, str]
    queuePosition: Union[int, None]
    links: JobLinks


class ProblemErrorsItem(TypedDict):
    pointer: str
    message: str


class Problem(TypedDict):
    """A problem (RFC 9457)."""
    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    errors: list[ProblemErrorsItem]
    requestId: str


class JobList(TypedDict):
    """A page of jobs, newest first."""
    jobs: list[Job]
    has_more: bool
    next: Union[str, None]


class Cancellation(TypedDict):
    """May be left out."""
    artifacts: NotRequired[Literal["none", "partial"]]


class DatasetDescriptionPartsItem(TypedDict):
    name: Literal["train", "validation", "test"]
    samples: int


class DatasetDescriptionInputsItemNormalization(TypedDict):
    """(x - offset) / scale, one pair for each channel; null when nothing is done."""
    mode: str
    offset: list[float]
    scale: list[float]
    keras: str
    torch: str


class DatasetDescriptionInputsItem(TypedDict):
    name: str
    shape: list[int]
    dtype: Literal["float32", "int32"]
    stored: str
    min: float
    max: float
    isWhole: bool
    normalization: Union[DatasetDescriptionInputsItemNormalization, None]


class DatasetDescriptionTargets1Ignored(TypedDict):
    """Positions that have no label and are left out of the loss."""
    label: int
    positions: int


class DatasetDescriptionTargets1(TypedDict):
    kind: Literal["classes"]
    name: str
    classes: int
    shape: NotRequired[list[int]]
    names: list[str]
    counts: list[int]
    ignored: Union[DatasetDescriptionTargets1Ignored, None]


class DatasetDescriptionTargets2(TypedDict):
    kind: Literal["values"]
    name: str
    shape: list[int]
    isBinary: NotRequired[bool]
    min: float
    max: float


class DatasetDescriptionTargets3PartsItem1(TypedDict):
    kind: Literal["classes"]
    classes: int
    shape: NotRequired[list[int]]


class DatasetDescriptionTargets3PartsItem2(TypedDict):
    kind: Literal["values"]
    shape: list[int]
    isBinary: NotRequired[bool]


class DatasetDescriptionTargets3(TypedDict):
    kind: Literal["several"]
    name: str
    parts: list[Union[DatasetDescriptionTargets3PartsItem1, DatasetDescriptionTargets3PartsItem2]]


class DatasetDescriptionFirstItem(TypedDict):
    inputs: list[list[float]]
    target: Union[str, list[float]]


class DatasetDescription(TypedDict):
    """Samples, as their options show them."""
    kind: Literal["dataset"]
    format: str
    reason: str
    part: Literal["train", "validation", "test"]
    parts: list[DatasetDescriptionPartsItem]
    samples: int
    inputs: list[DatasetDescriptionInputsItem]
    targets: Union[DatasetDescriptionTargets1, DatasetDescriptionTargets2, DatasetDescriptionTargets3]
    notes: list[str]
    first: list[DatasetDescriptionFirstItem]


class ValidationResultProblemsItem(TypedDict):
    code: str
    pointer: str
    message: str


class ValidationResultModelParameters(TypedDict):
    total: int
    trainable: int


class ValidationResultModelLayersItem(TypedDict):
    name: str
    className: str
    outputShape: list[Union[int, None]]
    parameters: int


class ValidationResultModel(TypedDict):
    name: str
    format: str
    head: str
    parameters: ValidationResultModelParameters
    layers: list[ValidationResultModelLayersItem]


class ValidationResultMemory(TypedDict):
    """Estimated, of one step."""
    batchSize: int
    parametersBytes: int
    activationsBytes: int
    secondOrderStepBytes: int


class ValidationResultEstimateDevicesItem(TypedDict):
    device: str
    seconds: float
    peakMemoryBytes: int
    measurements: int


class ValidationResultEstimate(TypedDict):
    """From what workers measured of runs of this network with this method and these options."""
    devices: list[ValidationResultEstimateDevicesItem]
    reason: Union[str, None]


class ValidationResultMethodCostLeast(TypedDict):
    iterations: int
    trainingSteps: int


class ValidationResultMethodCostMost(TypedDict):
    iterations: int
    trainingSteps: int


class ValidationResultMethodCost(TypedDict):
    """What a search takes at least (its gate answers) and at most; null for methods without one."""
    least: ValidationResultMethodCostLeast
    most: ValidationResultMethodCostMost


class ValidationResultMethod(TypedDict):
    name: str
    applicable: Union[bool, None]
    reason: Union[str, None]
    options: dict[str, Any]
    cost: Union[ValidationResultMethodCost, None]


class ValidationResultLoss(TypedDict):
    name: str
    reason: str


class ValidationResult(TypedDict):
    """null stands for what could not be found out."""
    valid: bool
    problems: list[ValidationResultProblemsItem]
    model: Union[ValidationResultModel, None]
    memory: Union[ValidationResultMemory, None]
    estimate: ValidationResultEstimate
    method: Union[ValidationResultMethod, None]
    dataset: Union[DatasetDescription, None]
    loss: Union[ValidationResultLoss, None]


class RecommendationSpecModel1(TypedDict):
    """A topology inline: what model.toJSON() (tfjs) or model.to_json() (Keras 3) gives."""
    format: NotRequired[Literal["keras3", "keras1", "keras2", "tfjs-layers"]]
    topology: Union[dict[str, Any], str]


class RecommendationSpecModel2(TypedDict):
    """A network of the zoo."""
    format: Literal["zoo"]
    name: str
    options: NotRequired[dict[str, Any]]


class RecommendationSpecModel3(TypedDict):
    """An uploaded file of a topology (JSON, .keras, .h5, .pt2, .onnx): dataset:ID of the upload."""
    ref: str


class RecommendationSpecLoss(TypedDict):
    name: Literal["softmax-cross-entropy", "sigmoid-cross-entropy", "mean-squared-error", "huber"]
    options: NotRequired[dict[str, Any]]


class RecommendationSpecLossItem(TypedDict):
    name: Literal["softmax-cross-entropy", "sigmoid-cross-entropy", "mean-squared-error", "huber"]
    options: NotRequired[dict[str, Any]]


class RecommendationSpecWeights(TypedDict):
    """Start from these weights instead of the initialisers."""
    ref: str


class RecommendationSpecSourceModel1(TypedDict):
    """A network of the zoo."""
    format: Literal["zoo"]
    name: str
    options: NotRequired[dict[str, Any]]


class RecommendationSpecSourceModel2(TypedDict):
    """An uploaded file of a topology (JSON, .keras, .h5, .pt2, .onnx): dataset:ID of the upload."""
    ref: str


class RecommendationSpecSourceWeights(TypedDict):
    """Weights of that model; left out where its file holds them."""
    ref: str


class RecommendationSpecSource(TypedDict):
    """Another network that was trained, of which methods that reuse weights (net2net, weight-selection) take them."""
    model: Union[RecommendationSpecSourceModel1, RecommendationSpecSourceModel2]
    weights: NotRequired[RecommendationSpecSourceWeights]


class RecommendationSpecLimits(TypedDict):
    maxQueueSeconds: NotRequired[int]
    maxRunSeconds: NotRequired[int]


class RecommendationSpecRetry(TypedDict):
    """How attempts that were lost or failed are repeated."""
    maxAttempts: NotRequired[int]
    initialMs: NotRequired[int]
    factor: NotRequired[float]
    maxMs: NotRequired[int]
    nonRetryable: NotRequired[list[str]]


class RecommendationSpecResources(TypedDict):
    """What the job needs of its worker."""
    device: NotRequired[Literal["any", "cpu", "gpu"]]


class RecommendationSpec(TypedDict):
    """A model and its data, and how the candidates are tried (options of the method recommend)."""
    model: Union[RecommendationSpecModel1, RecommendationSpecModel2, RecommendationSpecModel3]
    dataset: NotRequired[DatasetSpec]
    loss: NotRequired[Union[Literal["softmax-cross-entropy", "sigmoid-cross-entropy", "mean-squared-error", "huber"], RecommendationSpecLoss, list[Union[Literal["softmax-cross-entropy", "sigmoid-cross-entropy", "mean-squared-error", "huber"], RecommendationSpecLossItem]]]]
    lossWeights: NotRequired[list[float]]
    output: NotRequired[Union[str, int]]
    seed: NotRequired[int]
    weights: NotRequired[RecommendationSpecWeights]
    source: NotRequired[RecommendationSpecSource]
    artifacts: NotRequired[list[Literal["safetensors", "tfjs-layers", "keras", "npz", "state-dict"]]]
    limits: NotRequired[RecommendationSpecLimits]
    retry: NotRequired[RecommendationSpecRetry]
    resources: NotRequired[RecommendationSpecResources]
    priority: NotRequired[Literal["high", "normal", "low"]]
    webhook: NotRequired[WebhookSpec]
    metadata: NotRequired[dict[str, str]]
    options: NotRequired[dict[str, Any]]


class JobEvent(TypedDict):
    """progress carries the metrics of an iteration, now and then the scales by parameter too; status the way of the job, log a line of text."""
    id: str
    type: Literal["status", "progress", "log"]
    at: str
    data: dict[str, Any]


class EventList(TypedDict):
    """A page of events, oldest first."""
    events: list[JobEvent]
    has_more: bool


class LogPageLinesItem(TypedDict):
    id: str
    at: str
    level: Literal["info", "warn", "error"]
    message: str
    data: dict[str, Any]


class LogPage(TypedDict):
    """A page of the log, oldest line first."""
    lines: list[LogPageLinesItem]
    has_more: bool


class Webhook(TypedDict):
    """Where the events of all jobs of an API key are announced."""
    id: str
    url: str
    events: list[Literal["job.running", "job.paused", "job.succeeded", "job.failed", "job.cancelled", "job.expired"]]
    createdAt: str
    hasOwnSecret: bool


class WebhookList(TypedDict):
    """The webhooks of a key."""
    webhooks: list[Webhook]


class WebhookSecret(TypedDict):
    """A new secret of the API key."""
    secret: str
    createdAt: str
    previousUntil: Union[str, None]


class WebhookSecretState(TypedDict):
    """null: the key has no secret. The secret itself is not shown again."""
    createdAt: Union[str, None]
    previousUntil: Union[str, None]


class DeliveryAttemptsItem(TypedDict):
    at: str
    statusCode: Union[int, None]
    error: Union[str, None]
    durationMs: int


class Delivery(TypedDict):
    """One message to one webhook."""
    id: str
    webhook: str
    url: str
    event: str
    createdAt: str
    status: Literal["pending", "delivered", "failed"]
    nextAttemptAt: Union[str, None]
    attempts: list[DeliveryAttemptsItem]


class DeliveryList(TypedDict):
    """Messages about one job, oldest first."""
    deliveries: list[Delivery]


class Artifact(TypedDict):
    """One file that a job made."""
    name: str
    format: str
    bytes: int
    sha256: str
    mediaType: str
    url: str


class ArtifactList(TypedDict):
    """The files of a job."""
    artifacts: list[Artifact]


class ComparisonTrainingAugmentation(TypedDict):
    """Seeded transforms of the training images, [height, width, channels]. Off when left out."""
    crop: NotRequired[int]
    flip: NotRequired[bool]
    cutout: NotRequired[int]


class ComparisonTraining(TypedDict):
    """How every network is trained after it was initialised."""
    label: NotRequired[str]
    epochs: NotRequired[int]
    stopAfterEpochs: NotRequired[int]
    evaluations: NotRequired[int]
    batchSize: NotRequired[int]
    optimizer: NotRequired[Literal["sgd", "adam"]]
    learningRate: NotRequired[float]
    momentum: NotRequired[float]
    beta1: NotRequired[float]
    beta2: NotRequired[float]
    schedule: NotRequired[Literal["cosine", "constant"]]
    warmupEpochs: NotRequired[float]
    weightDecay: NotRequired[float]
    weightDecayGroups: NotRequired[Literal["published", "all", "weights"]]
    gradientClip: NotRequired[Union[float, None]]
    augmentation: NotRequired[ComparisonTrainingAugmentation]


class ComparisonSpecModelsItemModel1(TypedDict):
    """A topology inline: what model.toJSON() (tfjs) or model.to_json() (Keras 3) gives."""
    format: NotRequired[Literal["keras3", "keras1", "keras2", "tfjs-layers"]]
    topology: Union[dict[str, Any], str]


class ComparisonSpecModelsItemModel2(TypedDict):
    """A network of the zoo."""
    format: Literal["zoo"]
    name: str
    options: NotRequired[dict[str, Any]]


class ComparisonSpecModelsItemModel3(TypedDict):
    """An uploaded file of a topology (JSON, .keras, .h5, .pt2, .onnx): dataset:ID of the upload."""
    ref: str


class ComparisonSpecModelsItem(TypedDict):
    """gradientClip overrides that of the protocols for this model, as the published table does."""
    label: NotRequired[str]
    model: Union[ComparisonSpecModelsItemModel1, ComparisonSpecModelsItemModel2, ComparisonSpecModelsItemModel3]
    gradientClip: NotRequired[Union[float, None]]


class ComparisonSpecTestOptionsNormalize(TypedDict):
    mean: list[float]
    std: list[float]


class ComparisonSpecTestOptions(TypedDict):
    format: NotRequired[Literal["npz", "npy", "parquet", "safetensors", "arrow", "tfrecord", "matlab", "hdf5", "idx", "cifar-100", "cifar-10", "json", "libsvm", "webdataset", "pictures", "csv"]]
    part: NotRequired[Literal["train", "validation", "test"]]
    inputs: NotRequired[list[str]]
    target: NotRequired[Union[str, list[str], list[list[str]]]]
    normalize: NotRequired[Union[Literal["auto", "per-channel", "unit", "none"], ComparisonSpecTestOptionsNormalize]]
    validationSplit: NotRequired[float]
    splitSeed: NotRequired[int]
    layout: NotRequired[Literal["channels-last", "channels-first"]]
    shape: NotRequired[list[int]]
    targets: NotRequired[Union[Literal["auto", "classes", "values"], list[Literal["auto", "classes", "values"]]]]
    classes: NotRequired[int]
    ignoreLabel: NotRequired[int]
    mask: NotRequired[str]
    padTo: NotRequired[int]
    padValue: NotRequired[int]
    imageSize: NotRequired[list[int]]
    labels: NotRequired[Literal["fine", "coarse"]]
    header: NotRequired[Union[Literal["auto"], bool]]
    delimiter: NotRequired[Literal["auto", ",", ";", "\t", "|", "blanks"]]
    decimal: NotRequired[Literal["auto", "point", "comma"]]
    labelColumn: NotRequired[Union[int, str]]


class ComparisonSpecTest(TypedDict):
    """Samples to measure accuracy on. Default: those that the dataset sets aside by validationSplit."""
    ref: str
    options: NotRequired[ComparisonSpecTestOptions]


class ComparisonSpecMethodsItemSourceModel1(TypedDict):
    """A network of the zoo."""
    format: Literal["zoo"]
    name: str
    options: NotRequired[dict[str, Any]]


class ComparisonSpecMethodsItemSourceModel2(TypedDict):
    """An uploaded file of a topology (JSON, .keras, .h5, .pt2, .onnx): dataset:ID of the upload."""
    ref: str


class ComparisonSpecMethodsItemSourceWeights(TypedDict):
    """Weights of that model; left out where its file holds them."""
    ref: str


class ComparisonSpecMethodsItemSource(TypedDict):
    """Another network that was trained, of which methods that reuse weights (net2net, weight-selection) take them."""
    model: Union[ComparisonSpecMethodsItemSourceModel1, ComparisonSpecMethodsItemSourceModel2]
    weights: NotRequired[ComparisonSpecMethodsItemSourceWeights]


class ComparisonSpecMethodsItem(TypedDict):
    """warmupEpochs overrides that of the protocols for this row."""
    label: NotRequired[str]
    name: str
    options: NotRequired[dict[str, Any]]
    warmupEpochs: NotRequired[float]
    source: NotRequired[ComparisonSpecMethodsItemSource]


class ComparisonSpecLoss(TypedDict):
    name: Literal["softmax-cross-entropy", "sigmoid-cross-entropy", "mean-squared-error", "huber"]
    options: NotRequired[dict[str, Any]]


class ComparisonSpecLossItem(TypedDict):
    name: Literal["softmax-cross-entropy", "sigmoid-cross-entropy", "mean-squared-error", "huber"]
    options: NotRequired[dict[str, Any]]


class ComparisonSpecLimits(TypedDict):
    maxQueueSeconds: NotRequired[int]
    maxRunSeconds: NotRequired[int]


class ComparisonSpecRetry(TypedDict):
    """How attempts that were lost or failed are repeated."""
    maxAttempts: NotRequired[int]
    initialMs: NotRequired[int]
    factor: NotRequired[float]
    maxMs: NotRequired[int]
    nonRetryable: NotRequired[list[str]]


class ComparisonSpecResources(TypedDict):
    """What the job needs of its worker."""
    device: NotRequired[Literal["any", "cpu", "gpu"]]


class ComparisonSpec(TypedDict):
    """Models, methods and seeds that are compared on one dataset, trained alike."""
    models: list[ComparisonSpecModelsItem]
    dataset: DatasetSpec
    test: NotRequired[ComparisonSpecTest]
    methods: list[Union[str, ComparisonSpecMethodsItem]]
    seeds: NotRequired[list[int]]
    training: Union[ComparisonTraining, list[ComparisonTraining]]
    learningRates: NotRequired[list[float]]
    baselines: NotRequired[bool]
    loss: NotRequired[Union[Literal["softmax-cross-entropy", "sigmoid-cross-entropy", "mean-squared-error", "huber"], ComparisonSpecLoss, list[Union[Literal["softmax-cross-entropy", "sigmoid-cross-entropy", "mean-squared-error", "huber"], ComparisonSpecLossItem]]]]
    lossWeights: NotRequired[list[float]]
    output: NotRequired[Union[str, int]]
    artifacts: NotRequired[list[Literal["safetensors", "tfjs-layers", "keras", "npz", "state-dict"]]]
    limits: NotRequired[ComparisonSpecLimits]
    retry: NotRequired[ComparisonSpecRetry]
    resources: NotRequired[ComparisonSpecResources]
    priority: NotRequired[Literal["high", "normal", "low"]]
    metadata: NotRequired[dict[str, str]]


class ComparisonInapplicableItem(TypedDict):
    model: str
    method: str
    reason: str


class ComparisonLinks(TypedDict):
    self: str
    report: str
    page: str
    weights: str
    cancel: str


class Comparison(TypedDict):
    """A comparison: how far it is, and where to go from here."""
    id: str
    status: Literal["queued", "running", "succeeded", "failed", "cancelled"]
    owner: str
    createdAt: str
    finishedAt: Union[str, None]
    cells: int
    counts: dict[str, int]
    inapplicable: list[ComparisonInapplicableItem]
    jobs: dict[str, str]
    links: ComparisonLinks


class ComparisonList(TypedDict):
    """A page of comparisons, newest first."""
    comparisons: list[Comparison]
    has_more: bool


class DatasetFilesItem(TypedDict):
    name: str
    bytes: int
    sha256: str


class DatasetDescription2(TypedDict):
    """Data of a known format that is read once options of the job say how."""
    kind: Literal["container"]
    format: str
    reason: str
    problem: str


class DatasetDescription3WeightsItem(TypedDict):
    name: str
    shape: list[int]
    dtype: str


class DatasetDescription3(TypedDict):
    """A topology."""
    kind: Literal["model"]
    format: str
    layers: int
    parameters: int
    weights: NotRequired[list[DatasetDescription3WeightsItem]]


class DatasetDescription4TensorsItem(TypedDict):
    name: str
    shape: list[int]
    dtype: str


class DatasetDescription4(TypedDict):
    """Weights to start from."""
    kind: Literal["weights"]
    format: str
    tensors: list[DatasetDescription4TensorsItem]


class DatasetLinks(TypedDict):
    self: str


class Dataset(TypedDict):
    """An upload: data, a topology, or weights to start from."""
    id: str
    name: str
    bytes: int
    sha256: str
    files: list[DatasetFilesItem]
    entry: Union[str, None]
    createdAt: str
    kind: Literal["dataset", "model", "weights"]
    ref: str
    description: Union[DatasetDescription, DatasetDescription2, DatasetDescription3, DatasetDescription4]
    links: DatasetLinks


class DatasetList(TypedDict):
    """A page of uploads, newest first."""
    datasets: list[Dataset]
    has_more: bool


class DatasetSamplesSamplesItemInputsItem(TypedDict):
    name: str
    numbers: list[float]
    picture: Union[str, None]


class DatasetSamplesSamplesItem(TypedDict):
    inputs: list[DatasetSamplesSamplesItemInputsItem]
    target: Union[str, list[float]]
    mask: Union[str, None]


class DatasetSamples(TypedDict):
    """The first samples of a dataset."""
    part: Literal["train", "validation", "test"]
    samples: list[DatasetSamplesSamplesItem]


class QueueStateJobs(TypedDict):
    """How many jobs are in each status."""
    queued: int
    paused: int
    running: int
    pausing: int
    cancelling: int
    succeeded: int
    failed: int
    cancelled: int
    expired: int


class QueueStateTenantsItemJobs(TypedDict):
    """How many jobs are in each status."""
    queued: int
    paused: int
    running: int
    pausing: int
    cancelling: int
    succeeded: int
    failed: int
    cancelled: int
    expired: int


class QueueStateTenantsItem(TypedDict):
    name: str
    jobs: QueueStateTenantsItemJobs


class QueueState(TypedDict):
    """Jobs by status, altogether and by tenant, as far as the key may see them."""
    jobs: QueueStateJobs
    tenants: list[QueueStateTenantsItem]


class Session(TypedDict):
    """Who asks, and what the key allows."""
    keysRequired: bool
    name: str
    scopes: list[Literal["jobs:read", "jobs:write", "admin"]]


class Method(TypedDict):
    """An initialisation: what it needs, and its options."""
    name: str
    summary: str
    reference: str
    needsDataset: bool
    needsSource: bool
    iterative: bool
    secondOrder: bool
    options: dict[str, Any]


class MethodList(TypedDict):
    """All methods."""
    methods: list[Method]


class ZooModel(TypedDict):
    """A network that is known by name, and its options."""
    name: str
    summary: str
    reference: str
    options: dict[str, Any]


class ZooList(TypedDict):
    """All networks of the zoo."""
    models: list[ZooModel]


class LossListLossesItem(TypedDict):
    name: str
    summary: str
    options: dict[str, Any]


class LossList(TypedDict):
    """All losses."""
    losses: list[LossListLossesItem]


class FormatListDatasetsItem(TypedDict):
    name: str
    summary: str
    options: dict[str, Any]


class FormatListModelsItem(TypedDict):
    name: str
    summary: str


class FormatListArtifactsItem(TypedDict):
    name: str
    summary: str
    entry: str
    mediaType: str


class FormatList(TypedDict):
    """What is read and written."""
    datasets: list[FormatListDatasetsItem]
    models: list[FormatListModelsItem]
    artifacts: list[FormatListArtifactsItem]
    builtinDatasets: list[str]


class Liveness(TypedDict):
    """The process answers."""
    live: Literal[True]
    version: str


class ReadinessChecksRedis(TypedDict):
    ok: bool
    detail: Union[str, None]


class ReadinessChecksStore(TypedDict):
    ok: bool
    detail: Union[str, None]


class ReadinessChecksWorkers(TypedDict):
    ok: bool
    detail: Union[str, None]


class ReadinessChecks(TypedDict):
    redis: ReadinessChecksRedis
    store: ReadinessChecksStore
    workers: ReadinessChecksWorkers


class ReadinessWorkersItemDevicesItem(TypedDict):
    name: str
    backend: Union[str, None]
    busy: bool


class ReadinessWorkersItem(TypedDict):
    name: str
    startedAt: str
    devices: list[ReadinessWorkersItemDevicesItem]


class Readiness(TypedDict):
    """Whether jobs are taken and run, and by whom."""
    ready: bool
    checks: ReadinessChecks
    workers: list[ReadinessWorkersItem]
    warnings: list[str]

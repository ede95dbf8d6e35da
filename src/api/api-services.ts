/** The use cases of the API, put together from a configuration and the clients that its process holds. */
import { createComparisons } from '../comparison/comparisons.ts';
import type { Config } from '../config/config.ts';
import { datasetSpill, remotePolicy, webhookPolicy } from '../config/policies.ts';
import { workFolder } from '../config/stores.ts';
import { parseApiKeys } from '../http/api-keys.ts';
import { parseOrigins } from '../http/plugins/cors.ts';
import type { HttpOptions, Services } from '../http/services.ts';
import { createArtifactStore } from '../jobs/artifact-files.ts';
import { createEstimate } from '../jobs/estimate/estimate.ts';
import { createExamine } from '../jobs/examine/examine.ts';
import { createDatasetExaminer } from '../jobs/examine/examine-dataset.ts';
import type { Inspector } from '../jobs/inspect/inspector.ts';
import { createManageJobs } from '../jobs/manage.ts';
import { createSubmit } from '../jobs/submit.ts';
import { createUploadRecords } from '../jobs/uploads/records.ts';
import { createResolver } from '../jobs/uploads/resolve.ts';
import { createUploads } from '../jobs/uploads/uploads.ts';
import { createWebhooks } from '../jobs/webhooks/webhooks.ts';
import { createComparisonStore } from '../queue/comparison-store.ts';
import type { QueueClient } from '../queue/index.ts';
import { createMeasurementStore } from '../queue/measurements.ts';
import { createWebhookStore } from '../queue/webhook-store.ts';
import type { Stores } from '../storage/index.ts';
import { createReadiness } from './readiness.ts';
import { createRunMetrics } from './run-metrics.ts';

export interface ApiClients {
  readonly queue: QueueClient;
  readonly stores: Stores;
  readonly inspector: Inspector;
}

export function createApiServices(config: Config, { queue, stores, inspector }: ApiClients): Services {
  const { jobs, events } = queue;
  const { contents } = stores;
  const artifacts = createArtifactStore(stores.artifacts);
  const records = createUploadRecords(stores.uploads);
  const uploads = createUploads({
    ...config,
    spill: datasetSpill(config),
    contents,
    records,
    inspector,
    uses: queue.uploadUses,
    holds: queue.contentHolds,
  });
  const remote = remotePolicy(config);
  const resolve = createResolver({
    contents,
    records,
    remote,
    workDir: workFolder(config),
    cacheBytes: config.datasetCacheBytes,
  });
  const datasets = createDatasetExaminer({
    ...config,
    spill: datasetSpill(config),
    contents,
    uploads,
    inspector,
    resolve,
    remote,
  });
  const examine = createExamine({ ...config, contents, uploads, inspector, datasets });
  const manage = createManageJobs({ jobs, events, artifacts });
  const webhooks = createWebhooks({
    store: createWebhookStore(queue.redis, queue.keys),
    policy: webhookPolicy(config),
  });
  return {
    jobs,
    events,
    webhooks,
    artifacts,
    uploads,
    datasets,
    readBody: (bytes, tenant) => inspector.readBody(bytes, tenant),
    examine,
    estimate: createEstimate(createMeasurementStore(queue.redis, queue.keys)),
    submit: createSubmit({ jobs, examine, webhooks }),
    comparisons: createComparisons({
      jobs,
      artifacts,
      examine,
      store: createComparisonStore(queue.redis, queue.keys, config),
    }),
    manage,
    readiness: createReadiness({ queue, stores }),
    countJobs: (owner) => jobs.counts(owner),
    sessions: queue.sessions,
    runMetrics: createRunMetrics(queue),
  };
}

/** Delay of the event loop above which requests are answered with 503. */
const maxEventLoopDelayMs = 2000;

/** @throws USAGE for API_KEYS and CORS_ORIGINS that cannot be read */
export function httpOptions(config: Config): HttpOptions {
  return {
    ...config,
    keys: parseApiKeys(config.apiKeys),
    corsOrigins: parseOrigins(config.corsOrigins),
    requestTimeoutMs: config.requestTimeoutSeconds * 1000,
    uploadTimeoutMs: config.uploadTimeoutSeconds * 1000,
    maxEventLoopDelayMs,
    checkResponses: false,
  };
}

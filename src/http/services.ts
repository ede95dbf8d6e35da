/** The functions that routes call. The composition root provides them. */

import type { Comparisons } from '../comparison/comparisons.ts';
import type { JobStatus } from '../contract/job-status.ts';
import type { EstimateRun } from '../jobs/estimate/estimate.ts';
import type { Examine } from '../jobs/examine/examine.ts';
import type { DatasetExaminer } from '../jobs/examine/examine-dataset.ts';
import type { ManageJobs } from '../jobs/manage.ts';
import type { ArtifactStore, JobEvents, JobStore, Sessions } from '../jobs/ports.ts';
import type { Submit } from '../jobs/submit.ts';
import type { Uploads } from '../jobs/uploads/uploads.ts';
import type { Webhooks } from '../jobs/webhooks/webhooks.ts';
import type { ApiKey } from './api-keys.ts';
import type { Readiness } from './schemas/health.ts';

export interface Services {
  readonly submit: Submit;
  readonly examine: Examine;
  readonly estimate: EstimateRun;
  readonly datasets: Pick<DatasetExaminer, 'inspect' | 'samples'>;
  readonly comparisons: Comparisons;
  readonly manage: ManageJobs;
  readonly jobs: Pick<JobStore, 'list' | 'position'>;
  readonly events: JobEvents;
  readonly artifacts: ArtifactStore;
  readonly uploads: Uploads;
  readonly webhooks: Webhooks;
  /** The value of a large JSON body, its topologies as texts. Throws REQUEST_MALFORMED, REQUEST_TOO_LARGE, OVERLOADED. */
  readBody(bytes: Uint8Array, tenant: string): Promise<unknown>;
  readiness(): Promise<Readiness>;
  readonly sessions: Sessions;
  /** Jobs of the owner by status; null: of everybody. Throws QUEUE_UNAVAILABLE. */
  countJobs(owner: string | null): Promise<Record<JobStatus, number>>;
  /** Metrics of runs as Prometheus text. */
  runMetrics(): Promise<string>;
}

export interface HttpOptions {
  /** Empty: every client that reaches the socket may do everything. */
  readonly keys: readonly ApiKey[];
  /** Base of links; null: the address to which the request was sent. */
  readonly publicUrl: string | null;
  readonly trustProxy: boolean;
  /** Origins whose pages may use the API. */
  readonly corsOrigins: readonly string[];
  readonly maxConnections: number;
  readonly requestsPerMinute: number;
  readonly requestTimeoutMs: number;
  readonly uploadTimeoutMs: number;
  readonly maxBodyBytes: number;
  readonly maxUploadBytes: number;
  readonly maxWaitSeconds: number;
  /** Answers 503 when the event loop is this late; 0: never. */
  readonly maxEventLoopDelayMs: number;
  /** Fails for answers that are not as declared: for tests. */
  readonly checkResponses: boolean;
}

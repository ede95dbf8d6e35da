/** What the client sends and gets: the schemas of the OpenAPI document under the names that the client uses. */
import type { components } from './generated.ts';

type Schemas = components['schemas'];

/** A specification as it is posted: what has a default may be left out. */
export type JobRequest = Schemas['JobSpec'];
export type Job = Schemas['Job'];
export type JobStatus = Job['status'];
/** Newest first. */
export type JobPage = Schemas['JobList'];
export type JobEvent = Schemas['JobEvent'];
/** One page, oldest first. */
export type LogPage = Schemas['LogPage'];
export type LogLine = LogPage['lines'][number];
/** A message to a webhook. */
export type Delivery = Schemas['Delivery'];
export type DeliveryPage = Schemas['DeliveryList'];
export type Artifact = Schemas['Artifact'];
export type ArtifactPage = Schemas['ArtifactList'];
/** A file or several that the service keeps: data, a topology, or weights to start from. */
export type Upload = Schemas['Dataset'];
export type UploadPage = Schemas['DatasetList'];
/** A reference and its options, as in a job. */
export type DatasetRequest = Schemas['DatasetSpec'];
/** What is found there. */
export type DatasetReport = Schemas['DatasetDescription'];
export type Validation = Schemas['ValidationResult'];
export type ComparisonRequest = Schemas['ComparisonSpec'];
export type Comparison = Schemas['Comparison'];
export type ComparisonPage = Schemas['ComparisonList'];

export interface Signalled {
  readonly signal?: AbortSignal | undefined;
}

/** Which jobs of a list: every member that is given must match. */
export interface JobFilter {
  /** 1 to 100; default 20. */
  readonly limit?: number | undefined;
  /** `next` of the page before. */
  readonly after?: string | undefined;
  /** Any of these. */
  readonly status?: JobStatus | readonly JobStatus[] | undefined;
  readonly method?: string | undefined;
  /** The cells of this comparison. */
  readonly comparison?: string | undefined;
  /** KEY=VALUE each. */
  readonly metadata?: readonly string[] | undefined;
  /** ISO 8601, inclusive. */
  readonly createdFrom?: string | undefined;
  /** ISO 8601, exclusive. */
  readonly createdBefore?: string | undefined;
}

export interface SubmitOptions extends Signalled {
  /** Default: a random one, so that a repeated request never makes a second job. */
  readonly idempotencyKey?: string;
}

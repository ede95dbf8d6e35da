/** Types of requests and answers: schemas of the OpenAPI document under the client's names for them. */
import type { components } from './generated.ts';

type Schemas = components['schemas'];

/** A specification as it is posted: members with a default are optional. */
export type JobRequest = Schemas['JobSpec'];
export type Job = Schemas['Job'];
export type JobStatus = Job['status'];
/** Newest first. */
export type JobPage = Schemas['JobList'];
export type JobEvent = Schemas['JobEvent'];
/** One page, oldest first. */
export type LogPage = Schemas['LogPage'];
export type LogLine = LogPage['lines'][number];
/** A message that was sent to a webhook. */
export type Delivery = Schemas['Delivery'];
export type DeliveryPage = Schemas['DeliveryList'];
export type Artifact = Schemas['Artifact'];
export type ArtifactPage = Schemas['ArtifactList'];
/** One or several files that the service stores: data, a topology, or weights to start from. */
export type Upload = Schemas['Dataset'];
export type UploadPage = Schemas['DatasetList'];
/** A reference to data with options, as in a job. */
export type DatasetRequest = Schemas['DatasetSpec'];
/** The description of the data at such a reference. */
export type DatasetReport = Schemas['DatasetDescription'];
/** The first samples at such a reference, for people. */
export type DatasetSamples = Schemas['DatasetSamples'];
export type Validation = Schemas['ValidationResult'];
export type ComparisonRequest = Schemas['ComparisonSpec'];
export type Comparison = Schemas['Comparison'];
export type ComparisonPage = Schemas['ComparisonList'];

export interface Signalled {
  readonly signal?: AbortSignal | undefined;
}

/** Selects jobs of a list: every given member must match. */
export interface JobFilter {
  /** 1 to 100; default 20. */
  readonly limit?: number | undefined;
  /** The member `next` of the previous page. */
  readonly after?: string | undefined;
  /** One of these statuses. */
  readonly status?: JobStatus | readonly JobStatus[] | undefined;
  readonly method?: string | undefined;
  /** The id of the comparison whose cells are listed. */
  readonly comparison?: string | undefined;
  /** Each as KEY=VALUE. */
  readonly metadata?: readonly string[] | undefined;
  /** ISO 8601, inclusive. */
  readonly createdFrom?: string | undefined;
  /** ISO 8601, exclusive. */
  readonly createdBefore?: string | undefined;
}

export interface SubmitOptions extends Signalled {
  /** Default: a random key, so that a repeated request does not create a second job. */
  readonly idempotencyKey?: string;
}

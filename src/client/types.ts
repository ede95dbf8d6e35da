/** What the client sends and gets. Types only: the schemas of src/contract are the source, the API adds links. */
import type { JobSpec } from '../contract/job-spec.ts';
import type { JobEvent, JobRecord, JobStatus } from '../contract/job-state.ts';

export type { JobEvent, JobStatus };

/** A specification as it is posted: what has a default may be left out. */
export type JobRequest = Omit<JobSpec, 'seed' | 'artifacts'> & Partial<Pick<JobSpec, 'seed' | 'artifacts'>>;

export interface Job extends JobRecord {
  /** 1 is the next; null when the job does not wait. */
  readonly queuePosition: number | null;
  readonly links: {
    readonly self: string;
    readonly events: string;
    readonly artifacts: string;
    readonly weights: string;
    readonly cancel: string;
    readonly retry: string;
  };
}

export interface JobPage {
  /** Newest first. */
  readonly jobs: readonly Job[];
  readonly has_more: boolean;
}

export interface Artifact {
  /** Path inside the job, for example tfjs/model.json. */
  readonly name: string;
  readonly format: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly mediaType: string;
  readonly url: string;
}

/** A file or several that the service keeps: data, a topology, or weights to start from. */
export interface Upload {
  readonly id: string;
  readonly kind: 'dataset' | 'model' | 'weights';
  /** What a specification names: dataset:ID. */
  readonly ref: string;
}

export interface UploadPage {
  readonly datasets: readonly Upload[];
  readonly has_more: boolean;
}

export interface Validation {
  readonly valid: boolean;
  readonly problems: readonly { readonly code: string; readonly pointer: string; readonly message: string }[];
}

/** What the client sends and gets. Types only: the schemas of src/contract are the source, the API adds links. */
import type { JobSpec } from '../contract/job-spec.ts';
import type { JobEvent, JobRecord, JobStatus } from '../contract/job-state.ts';

export type { JobEvent, JobStatus };

/** A specification as it is posted: what has a default may be left out. */
export type JobRequest = Omit<JobSpec, 'seed' | 'artifacts'> & Partial<Pick<JobSpec, 'seed' | 'artifacts'>>;

export interface Job extends Omit<JobRecord, 'owner'> {
  readonly queuePosition: number | null;
  readonly links: Readonly<Record<string, string>>;
}

export interface Artifact {
  /** Path inside the job, for example tfjs/model.json. */
  readonly name: string;
  readonly format: string | null;
  readonly bytes: number;
  readonly sha256: string;
  readonly url: string;
}

export interface Dataset {
  readonly id: string;
  /** What a job's `dataset.ref` names: dataset:ID. */
  readonly ref: string;
  readonly name: string | null;
  readonly format: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly createdAt: string;
}

export interface Validation {
  readonly valid: boolean;
  readonly errors: readonly { readonly pointer: string; readonly message: string }[];
}

/** What the processes of the inspector are asked to do. */
import type { JobSpec } from '../../contract/job-spec.ts';
import type { RunLoss } from '../../engine/losses/run-loss.ts';
import type { Head } from '../../topology/structure/head.ts';
import type { LayerRow, MemoryEstimate } from '../../topology/summary.ts';
import type { SpecProblem } from '../check/problems.ts';
import type { WeightsDescription } from './describe.ts';
import type { DatasetDescription } from './describe-dataset.ts';
import type { InspectRequest } from './inspect-files.ts';

/** A specification against what was remembered of its references. */
export interface CheckRequest {
  readonly spec: Pick<JobSpec, 'model' | 'method' | 'loss' | 'lossWeights' | 'output' | 'artifacts' | 'training'>;
  /** Where an uploaded topology lies; null for one that is in the specification. */
  readonly modelFile: string | null;
  /** Null where nothing is given, and where only the worker can find out. */
  readonly data: DatasetDescription | null;
  readonly test: DatasetDescription | null;
  readonly weights: WeightsDescription['tensors'] | null;
  /** The network that the method takes weights from; null where there is none, or where its uploads could not be found. */
  readonly source: {
    readonly model: NonNullable<JobSpec['source']>['model'];
    readonly weights: WeightsDescription['tensors'] | null;
    readonly modelFile: string | null;
  } | null;
  readonly maxParameters: number;
}

export interface ModelSummary {
  readonly name: string;
  readonly format: string;
  readonly head: Head;
  readonly totalParameters: number;
  readonly trainableParameters: number;
  readonly layers: readonly LayerRow[];
}

/** What was found out of a specification. Null stands for what a problem hid. */
export interface RunFindings {
  readonly problems: readonly SpecProblem[];
  readonly model: ModelSummary | null;
  readonly memory: MemoryEstimate | null;
  readonly loss: { readonly name: RunLoss['name']; readonly reason: string } | null;
  readonly inapplicable: string | null;
}

/** What a process is for; it loads only what that needs. */
export type Purpose = 'files' | 'checks';

/** What a process says once it can take tasks: the time of a task does not begin before. */
export const ready = 'ready';

export type InspectorTask =
  | { readonly kind: 'file'; readonly request: InspectRequest }
  | { readonly kind: 'samples'; readonly request: InspectRequest; readonly count: number }
  | { readonly kind: 'check'; readonly request: CheckRequest }
  | { readonly kind: 'body'; readonly bytes: Uint8Array };

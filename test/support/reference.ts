/** The recorded results of the official code, where they exist beside the checkout. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

const shared = path.resolve(import.meta.dirname, '../../../shared');
export const referenceFolder = path.join(shared, 'reference');
export const replayChecker = path.join(shared, 'tools/check-replay.mjs');

/** Value for a test's `skip`: false, or the reason. */
export const skipWithoutReference = existsSync(referenceFolder)
  ? false
  : `SKIPPED: ${referenceFolder} does not exist, so nothing was compared with the official code`;

/** The recordings of GradInit: folder and file. */
export const gradinitCases = [
  ['conv-adam', 'expected.json'],
  ['conv-relu-nobn', 'expected.json'],
  ['mlp-edge', 'expected.json'],
  ['mlp-tanh', 'expected.json'],
  ['resnet-bn', 'expected.json'],
  ['transformer-adam', 'expected.json'],
  ['transformer-adam', 'expected_fairseq.json'],
] as const;

export const metainitCases = [
  ['metainit-conv', 'expected.json'],
  ['resnet-bn', 'expected_metainit.json'],
] as const;

export interface RecordedIteration {
  readonly branch: string;
  readonly scale_grad: Readonly<Record<string, number>>;
  readonly scale_grad_unclipped: Readonly<Record<string, number>>;
  readonly scale: Readonly<Record<string, number>>;
}

export interface RecordedCase {
  readonly config: {
    readonly flavour: string;
    readonly algorithm: string;
    readonly lr: number;
    readonly beta1: number;
    readonly beta2: number;
    readonly adam_eps: number;
    readonly min_scale_weight: number;
    readonly min_scale_bias: number;
    readonly grad_clip: number;
    readonly lr_layer_norm?: number;
    readonly max_scale_layer_norm?: number;
  };
  readonly weights: readonly { readonly name: string; readonly group: string }[];
  readonly runs: { readonly float64: { readonly iterations: readonly RecordedIteration[] } };
}

export function readCase(folder: string, file: string): RecordedCase {
  return JSON.parse(readFileSync(path.join(referenceFolder, folder, file), 'utf8'));
}

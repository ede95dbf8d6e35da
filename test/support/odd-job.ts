/** Building blocks of odd jobs. */
import type { JsonObject } from '../../src/json.ts';

export interface OddJob {
  readonly title: string;
  readonly job: object;
  /** Content of a table that is uploaded and used as the dataset of the job. */
  readonly table?: string;
  /** Error codes of the refusal or the failure; 'succeeded' for finite weights. */
  readonly ends: readonly string[];
  /** True for jobs that take long and are left out of most test runs. */
  readonly isSlow?: true;
}

export type LayerJson = { readonly class_name: string; readonly config: JsonObject };

export const layer = (class_name: string, config: JsonObject = {}): LayerJson => ({ class_name, config });
const named = ({ class_name, config }: LayerJson, at: number) => ({
  class_name,
  config: { name: `l${at}`, ...config },
});
export const flatten = layer('Flatten');
export const mean = layer('GlobalAveragePooling2D');
export const dense = (units = 10, more: JsonObject = {}) => layer('Dense', { units, ...more });
export const conv = (more: JsonObject = {}) => layer('Conv2D', { filters: 2, kernel_size: [3, 3], ...more });

/** A Sequential model for images of 8 x 8 unless another shape is given. */
export function sequential(
  layers: readonly LayerJson[],
  shape: readonly (number | null)[] = [8, 8, 1],
  dtype = 'float32',
) {
  const input = layer('InputLayer', { batch_input_shape: [null, ...shape], dtype });
  return { topology: { class_name: 'Sequential', config: { name: 'odd', layers: [input, ...layers].map(named) } } };
}

const method = { name: 'gradinit', options: { iterations: 2, batchSize: 8, learningRate: 1e-3 } };
const base = { dataset: { ref: 'builtin:digits' }, method, seed: 1, artifacts: ['safetensors'] };
export const job = (model: object, more: object = {}) => ({ ...base, model, ...more });
export const plain = sequential([flatten, dense()]);
export const withOptions = (options: object) => ({
  method: { name: 'gradinit', options: { ...method.options, ...options } },
});

export const far = 1e9;
export const succeeded = ['succeeded'];

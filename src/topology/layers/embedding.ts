/** Embedding: looks up row `id` of a table for every id. */
import type { Initializer } from '../initializers.ts';
import type { LayerSpec } from '../layer-spec.ts';
import { oneInput } from './misfit.ts';
import { weightParam } from './params.ts';

export interface EmbeddingConfig {
  readonly rows: number;
  readonly width: number;
  /** True: steps with id 0 are masked. */
  readonly maskZero: boolean;
  readonly embeddings: Initializer;
}

export const embedding: LayerSpec<EmbeddingConfig> = {
  classNames: ['Embedding'],
  parse(config) {
    return {
      rows: config.integer('input_dim', undefined, { min: 1 }),
      width: config.integer('output_dim', undefined, { min: 1 }),
      maskZero: config.boolean('mask_zero', false),
      embeddings: config.initializer('embeddings_initializer', 'randomUniform'),
    };
  },
  params: ({ rows, width, embeddings }) => [weightParam('embeddings', [rows, width], embeddings)],
  outputShape({ width }, inputs) {
    return [...oneInput(inputs), width];
  },
};

/** The initialisers that topologies name, as data. Drawing from them is src/topology/draw-initial.ts. */
import type { Json } from './config-reader.ts';

export type Initializer =
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'normal'; readonly mean: number; readonly stddev: number; readonly truncated: boolean }
  | { readonly kind: 'uniform'; readonly min: number; readonly max: number }
  | {
      readonly kind: 'variance-scaling';
      readonly scale: number;
      readonly mode: 'fanIn' | 'fanOut' | 'fanAvg';
      readonly distribution: 'normal' | 'truncated-normal' | 'uniform';
    }
  | { readonly kind: 'orthogonal'; readonly gain: number }
  | { readonly kind: 'identity'; readonly gain: number };

/** Parses the forms of tfjs and Keras ("glorotUniform", "glorot_uniform", { class_name, config }); `fail` throws. */
export function parseInitializer(_value: Json, fail: (problem: string) => never): Initializer {
  return fail('is not supported yet');
}

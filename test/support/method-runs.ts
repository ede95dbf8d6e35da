/** Runs methods on chains of layers, with helpers to compare their results. */
import assert from 'node:assert/strict';
import { configureMethod, initialize, type Problem } from '../../src/engine/index.ts';
import type { NDArray } from '../../src/ndarray.ts';
import { problemOf } from './problems.ts';

export type Layers = readonly [className: string, config: object][];

export function chain(inputShape: readonly number[], layers: Layers, classes: number, seed = 0): Problem {
  const named = layers.map(([class_name, config], index) => ({
    class_name,
    config: {
      name: `layer${index}`,
      ...config,
      ...(index === 0 ? { batch_input_shape: [null, ...inputShape] } : {}),
    },
  }));
  return problemOf({ class_name: 'Sequential', config: { name: 'chain', layers: named } }, inputShape, classes, seed);
}

export const run = (name: string, problem: Problem, options: Record<string, unknown> = {}) =>
  initialize({ problem, method: configureMethod(name, options) });

export const kernelOf = ({ weights }: { weights: Problem['weights'] }, name: string): number[] =>
  Array.from((weights.get(name) as NDArray<'float32'>).data);

export const close = (found: readonly number[], expected: readonly number[], tolerance = 1e-5) => {
  assert.equal(found.length, expected.length);
  found.forEach((value, index) => {
    assert.ok(
      Math.abs(value - (expected[index] as number)) <= tolerance,
      `${index}: ${value}, expected ${expected[index]}`,
    );
  });
};

export const variance = (data: readonly number[]) => data.reduce((sum, value) => sum + value ** 2, 0) / data.length;

/** A single layer, parsed by its specification and run by its forward function, for comparisons with a framework. */
import assert from 'node:assert/strict';
import type { ForwardContext, Weight } from '../../src/engine/network/layer-forward.ts';
import { findLayerForward } from '../../src/engine/network/layers/index.ts';
import { plainWeight } from '../../src/engine/network/weights.ts';
import type { Tensor } from '../../src/engine/tf.ts';
import { ConfigReader, type JsonObject } from '../../src/topology/config-reader.ts';
import { findLayerSpec } from '../../src/topology/layers/index.ts';
import { inLayer } from '../../src/topology/layers/misfit.ts';
import type { LayerParam, Shape } from '../../src/topology/topology.ts';

export interface LayerCase {
  readonly params: readonly LayerParam[];
  readonly outputShape: Shape;
  /** Path of a parameter in its layer in the names of Keras 3. */
  keras3Key(key: string): string;
  /** Runs the layer with `weights` by key. */
  run(
    inputs: readonly Tensor[],
    weights: Readonly<Record<string, Tensor>>,
    call?: Record<string, unknown>,
    batchNorm?: ForwardContext['batchNorm'],
  ): Tensor;
  /** Runs the layer with Weight objects. */
  runWith(inputs: readonly Tensor[], weights: Readonly<Record<string, Weight>>, call?: Record<string, unknown>): Tensor;
}

/** Shapes are without the batch axis. */
export function layerCase(className: string, config: JsonObject, inputs: readonly Shape[]): LayerCase {
  const spec = findLayerSpec(className);
  const forward = findLayerForward(className);
  assert.ok(spec && forward, `no layer ${className}`);
  const reader = new ConfigReader('layer', className, config, '/config');
  const parsed = spec.parse(reader);
  return {
    params: inLayer(reader, () => spec.params(parsed, inputs)),
    outputShape: inLayer(reader, () => spec.outputShape(parsed, inputs)),
    keras3Key: (key) => spec.keras3Key?.(parsed, key) ?? key,
    run(tensors, weights, call = {}, batchNorm = 'batch') {
      const given = Object.entries(weights).map(([key, tensor]) => [key, plainWeight(tensor)] as const);
      return forward(parsed as never, tensors, Object.fromEntries(given), { batchNorm, call });
    },
    runWith: (tensors, weights, call = {}) => forward(parsed as never, tensors, weights, { batchNorm: 'batch', call }),
  };
}

/** Asserts the largest difference, relative to the largest expected value. */
export function assertClose(
  actual: Tensor,
  expected: ArrayLike<number>,
  shape: readonly number[],
  tolerance = 1e-5,
): void {
  assert.deepEqual(actual.shape, [...shape]);
  const values = actual.dataSync();
  const scale = Math.max(1e-6, ...Array.from(expected, Math.abs));
  for (let i = 0; i < expected.length; i += 1) {
    const [found, wanted] = [values[i] ?? Number.NaN, expected[i] ?? Number.NaN];
    assert.ok(Math.abs(found - wanted) <= tolerance * scale, `element ${i}: ${found}, expected ${wanted}`);
  }
}

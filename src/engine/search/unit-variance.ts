/**
 * One pass through a network that scales each linear layer, from front to back, until its output has the target standard deviation.
 *
 *   W <- W target / std(W x + b)   until |std - target| <= tolerance or the tries are used up
 *
 * ./layer-walk.ts visits the layers: a pass costs a few forward passes of each layer.
 */
import type { Batch } from '../../batch.ts';
import { AppError } from '../../errors.ts';
import { type NDArray, ndarray } from '../../ndarray.ts';
import { isRecurrent, outputKernels, withoutActivation } from '../../topology/structure/output-kernel.ts';
import type { Layer, Topology } from '../../topology/topology.ts';
import { betweenIterations, type SkippedParameter, type Weights } from '../run.ts';
import { scoped, tf } from '../tf.ts';
import { type Arrays, forwardLayer, type LayerCall, walkLayers } from './layer-walk.ts';

export interface UnitVarianceOptions {
  readonly target: number;
  readonly tolerance: number;
  readonly maxTries: number;
}

/** The result for one layer. */
export interface LayerVariance {
  readonly layer: string;
  /** Standard deviation of the output over the batch, before the activation: of the drawn kernel, and at the end. */
  readonly initialStd: number;
  readonly std: number;
  /** How many times the kernel was scaled. */
  readonly tries: number;
}

export interface UnitVarianceResult {
  readonly weights: Weights;
  readonly layers: readonly LayerVariance[];
  readonly skipped: readonly SkippedParameter[];
}

function standardDeviation(call: LayerCall, weights: Arrays): number {
  const std = scoped(() => tf.sqrt(tf.moments(forwardLayer(call, weights)).variance).dataSync()[0] as number);
  if (Number.isFinite(std)) return std;
  throw new AppError(
    'DIVERGED',
    `the output of layer "${call.layer.name}" is not finite on the first batch; check the inputs`,
    {
      details: { layer: call.layer.name },
    },
  );
}

function scaleKernels(layer: Layer, factor: number, weights: Arrays): void {
  for (const { name } of outputKernels(layer)) {
    const { shape, data } = weights.get(name) as NDArray<'float32'>;
    weights.set(
      name,
      ndarray(
        'float32',
        shape,
        data.map((value) => value * factor),
      ),
    );
  }
}

function scaleLayer(
  call: LayerCall,
  weights: Arrays,
  { target, tolerance, maxTries }: UnitVarianceOptions,
): LayerVariance {
  const linear = { ...call, layer: withoutActivation(call.layer) };
  const initialStd = standardDeviation(linear, weights);
  let [std, tries] = [initialStd, 0];
  while (std > 0 && Math.abs(std - target) > tolerance && tries < maxTries) {
    scaleKernels(call.layer, target / std, weights);
    std = standardDeviation(linear, weights);
    tries += 1;
  }
  return { layer: call.layer.name, initialStd, std, tries };
}

/** A shared layer is scaled at its first application. Throws DIVERGED and the errors of layers; no tensor is left allocated. */
export async function scaleToUnitVariance(
  topology: Topology,
  start: Weights,
  { inputs }: Pick<Batch, 'inputs'>,
  options: UnitVarianceOptions,
  signal: AbortSignal,
): Promise<UnitVarianceResult> {
  const weights: Arrays = new Map(start);
  const layers: LayerVariance[] = [];
  const skipped: SkippedParameter[] = [];
  await walkLayers(topology, weights, { inputs }, async (call, first) => {
    const kernels = first ? outputKernels(call.layer) : [];
    if (kernels.length === 0) return;
    await betweenIterations(signal);
    const reason = isRecurrent(call.layer)
      ? 'the output of a recurrent layer is bounded, its kernels stay orthonormal'
      : scaled(call);
    if (reason) skipped.push(...kernels.map(({ name }) => ({ parameter: name, reason })));
  });
  return { weights, layers, skipped };

  /** The reason why the layer could not be scaled; undefined when it could. */
  function scaled(call: LayerCall): string | undefined {
    const result = scaleLayer(call, weights, options);
    if (result.std === 0) return 'its output is constant on the batch: no scale gives it a variance';
    layers.push(result);
    return undefined;
  }
}

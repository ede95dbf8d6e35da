/** What the data-free methods share: new kernels from one rule, biases zero, everything else (gains, embeddings, statistics) as it was. */
import { type NDArray, ndarray, sizeOf } from '../../ndarray.ts';
import type { Initializer } from '../../topology/initializers.ts';
import { drawInitial } from '../../topology/draw-initial.ts';
import type { Param, Topology } from '../../topology/topology.ts';
import type { Applicability, MethodResult, Problem } from './method.ts';

/** A tensor that multiplies features: dense, convolution, recurrent and projection kernels. Not embeddings, gains or slopes. */
export function isKernel(param: Param): boolean {
  return param.group !== 'none' && param.shape.length >= 2 && param.key.endsWith('kernel');
}

/** Variance scaling keeps the fan axes that the topology's own initialiser names (attention kernels). */
export function withFanAxes(param: Param, initializer: Initializer): Initializer {
  const own = param.initializer;
  if (initializer.kind !== 'variance-scaling' || own.kind !== 'variance-scaling' || !own.inputAxes || !own.outputAxes) return initializer;
  return { ...initializer, inputAxes: own.inputAxes, outputAxes: own.outputAxes };
}

/** Redraws every kernel by `draw`, sets every trained bias to zero. */
export function redrawKernels(problem: Problem, draw: (param: Param) => NDArray<'float32'>): MethodResult {
  const weights = new Map(problem.weights);
  for (const param of problem.topology.layers.flatMap((layer) => layer.params)) {
    if (isKernel(param)) weights.set(param.name, draw(param));
    else if (param.group === 'bias') weights.set(param.name, ndarray('float32', param.shape, new Float32Array(sizeOf(param.shape))));
  }
  return { weights };
}

/** Redraws by an initialiser of the catalogue. */
export function redrawBy(problem: Problem, initializer: Initializer): MethodResult {
  return redrawKernels(problem, (param) => drawInitial({ ...param, initializer: withFanAxes(param, initializer) }, problem.seed));
}

/** Applies wherever there is a kernel to draw. */
export function needsKernel(topology: Topology): Applicability {
  const found = topology.layers.some((layer) => layer.params.some(isKernel));
  return found ? { applicable: true } : { applicable: false, reason: 'the topology has no trainable kernel to draw' };
}

/** The common part of methods without data: new kernels by one rule, zero biases, all other parameters (gains, embeddings, statistics) unchanged. */
import { type NDArray, ndarray, sizeOf } from '../../ndarray.ts';
import { createRandom } from '../../random.ts';
import { drawInitial } from '../../topology/draw-initial.ts';
import type { Initializer } from '../../topology/initializers.ts';
import { drawOrthogonal } from '../../topology/orthogonal.ts';
import { attentionAxes, kernelMatrices } from '../../topology/structure/kernel-matrix.ts';
import { isKernel } from '../../topology/structure/output-kernel.ts';
import type { Layer, Param, Topology } from '../../topology/topology.ts';
import {
  betweenIterations,
  type MethodResult,
  type Problem,
  type RunControl,
  type SkippedParameter,
  type Weights,
} from '../run.ts';
import type { Applicability } from './method.ts';

/** Variance scaling with the fans of attention kernels over the axes of the projection; axes that the topology's initialiser names are kept. */
export function withFanAxes(param: Param, initializer: Initializer): Initializer {
  if (initializer.kind !== 'variance-scaling') return initializer;
  const own = param.initializer;
  if (own.kind === 'variance-scaling' && own.inputAxes && own.outputAxes) {
    return { ...initializer, inputAxes: own.inputAxes, outputAxes: own.outputAxes };
  }
  return { ...initializer, ...attentionAxes(param) };
}

/** A tensor whose elements all have one value. */
export function filled(shape: readonly number[], value: number): NDArray<'float32'> {
  return ndarray('float32', shape, new Float32Array(sizeOf(shape)).fill(value));
}

/** A parameter drawn by a given initialiser instead of its own. */
export function drawBy(param: Param, initializer: Initializer, seed: number): NDArray<'float32'> {
  return drawInitial({ ...param, initializer: withFanAxes(param, initializer) }, seed);
}

/** A kernel whose matrices have uniformly distributed orthonormal columns (or rows, where there are fewer), multiplied by `gain`. */
export function drawOrthogonalKernel(layer: Layer, param: Param, gain: number, seed: number): NDArray<'float32'> {
  const { count, rows, columns, offset } = kernelMatrices(layer, param);
  const random = createRandom(seed, param.name);
  const data = new Float32Array(sizeOf(param.shape));
  for (let matrix = 0; matrix < count; matrix++) {
    drawOrthogonal(rows, columns, gain, random).forEach((value, index) => {
      data[offset(matrix, Math.floor(index / columns), index % columns)] = value;
    });
  }
  return ndarray('float32', param.shape, data);
}

/** Redraws every kernel by `draw` and sets every trained bias to zero. Can be cancelled between two kernels. */
export async function redrawKernels(
  problem: Problem,
  draw: (param: Param, layer: Layer) => NDArray<'float32'>,
  { signal }: Pick<RunControl, 'signal'>,
): Promise<MethodResult> {
  const weights = new Map(problem.weights);
  for (const layer of problem.topology.layers) {
    for (const param of layer.params) {
      if (isKernel(param)) {
        await betweenIterations(signal);
        weights.set(param.name, draw(param, layer));
      } else if (param.group === 'bias') weights.set(param.name, filled(param.shape, 0));
    }
  }
  return { weights };
}

/**
 * Redraws every trained parameter for which `draw` returns a value; where it returns a reason, the parameter is kept and listed in `skipped`. Can be
 * cancelled between two parameters.
 */
export async function redrawParams(
  problem: Problem,
  draw: (param: Param, layer: Layer) => NDArray<'float32'> | string,
  { signal }: Pick<RunControl, 'signal'>,
): Promise<MethodResult> {
  const weights = new Map(problem.weights);
  const skipped: SkippedParameter[] = [];
  for (const layer of problem.topology.layers) {
    for (const param of layer.params.filter(({ group }) => group !== 'none')) {
      await betweenIterations(signal);
      const drawn = draw(param, layer);
      if (typeof drawn === 'string') skipped.push({ parameter: param.name, reason: drawn });
      else weights.set(param.name, drawn);
    }
  }
  return { weights, skipped };
}

/** The weights with the named gains set to zero; kernels among the names are unchanged. */
export function zeroGains(topology: Topology, weights: Weights, names: ReadonlySet<string>): Weights {
  const gains = topology.layers.flatMap(({ params }) =>
    params.filter(({ name, key }) => names.has(name) && !key.endsWith('kernel')),
  );
  return new Map([...weights, ...gains.map(({ name, shape }) => [name, filled(shape, 0)] as const)]);
}

/** The distributions that methods for residual networks draw from before they scale kernels: He normal by fan-out, or Xavier uniform. */
export const kernelBases = {
  he: { kind: 'variance-scaling', scale: 2, mode: 'fanOut', distribution: 'normal' },
  xavier: { kind: 'variance-scaling', scale: 1, mode: 'fanAvg', distribution: 'uniform' },
} as const satisfies Record<string, Initializer>;

/** The weights of a patched topology: those of kept parameters, and initial values of the topology for new ones. */
export function weightsOf(topology: Topology, kept: Weights, seed: number): Weights {
  const params = topology.layers.flatMap((layer) => layer.params);
  return new Map(params.map((param) => [param.name, kept.get(param.name) ?? drawInitial(param, seed)]));
}

/** Redraws all kernels by an initialiser of the catalogue. */
export function redrawBy(problem: Problem, initializer: Initializer, control: RunControl): Promise<MethodResult> {
  return redrawKernels(problem, (param) => drawBy(param, initializer, problem.seed), control);
}

/** Applicable to topologies with a kernel. */
export function needsKernel(topology: Topology): Applicability {
  const found = topology.layers.some((layer) => layer.params.some(isKernel));
  return found ? { applicable: true } : { applicable: false, reason: 'the topology has no trainable kernel to draw' };
}

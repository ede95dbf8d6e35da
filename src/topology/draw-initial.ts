/**
 * Draws the initial value of a parameter from its initializer.
 *
 *   variance scaling: Var[W] = scale / fan,  fan = fan_in, fan_out or their mean
 *     uniform           U(-l, l),  l = sqrt(3 scale / fan)
 *     truncated normal  sd = sqrt(scale / fan) / 0.8796..., redrawn beyond 2 sd
 *
 * Fans of a kernel [..., in, out] are in and out times the product of the leading (spatial) axes, also for depthwise kernels, as in
 * Keras; attention kernels name their axes. The divisor is the standard deviation of a unit normal truncated at 2, so that the variance
 * is that of the formula; tfjs-layers omits it (its draws are 12 % narrower). Draws are float64, rounded once to float32.
 * References: Glorot, Bengio, "Understanding the difficulty of training deep feedforward neural networks", 2010; He, Zhang, Ren, Sun,
 * "Delving deep into rectifiers", 2015, arXiv:1502.01852.
 */
import { AppError } from '../errors.ts';
import { type NDArray, ndarray, sizeOf } from '../ndarray.ts';
import { createRandom, type RandomStream } from '../random.ts';
import type { Initializer, VarianceScaling } from './initializers.ts';
import { drawOrthogonal } from './orthogonal.ts';
import type { Param, Topology } from './topology.ts';

/** Standard deviation of the standard normal distribution truncated to [-2, 2]. */
const TRUNCATED_STDDEV = 0.87962566103423978;

/** Fan-in and fan-out of a parameter as Keras counts them. */
export function fansOf(shape: readonly number[], axes: Pick<VarianceScaling, 'inputAxes' | 'outputAxes'> = {}) {
  const { inputAxes, outputAxes } = axes;
  if (inputAxes && outputAxes) {
    const extent = (list: readonly number[]) => sizeOf(list.map((axis) => shape.at(axis) ?? 1));
    return { fanIn: extent(inputAxes), fanOut: extent(outputAxes) };
  }
  const field = sizeOf(shape.slice(0, -2));
  const fanOut = shape.at(-1) ?? 1;
  return { fanIn: field * (shape.at(-2) ?? fanOut), fanOut: field * fanOut };
}

function truncatedNormal(random: RandomStream): number {
  let value = random.normal();
  while (Math.abs(value) > 2) value = random.normal();
  return value;
}

function fill(size: number, draw: () => number): Float32Array {
  const data = new Float32Array(size);
  for (let i = 0; i < size; i++) data[i] = draw();
  return data;
}

function drawScaled(initializer: VarianceScaling, shape: readonly number[], random: RandomStream): Float32Array {
  const { fanIn, fanOut } = fansOf(shape, initializer);
  const fan = { fanIn, fanOut, fanAvg: (fanIn + fanOut) / 2 }[initializer.mode];
  const stddev = Math.sqrt(initializer.scale / Math.max(1, fan));
  const size = sizeOf(shape);
  switch (initializer.distribution) {
    case 'uniform':
      return fill(size, () => Math.sqrt(3) * stddev * (2 * random.uniform() - 1));
    case 'normal':
      return fill(size, () => stddev * random.normal());
    case 'truncated-normal':
      return fill(size, () => (stddev / TRUNCATED_STDDEV) * truncatedNormal(random));
  }
}

function identity(shape: readonly number[], gain: number): Float32Array {
  const [rows = 0, columns = 0] = shape;
  const data = new Float32Array(rows * columns);
  for (let i = 0; i < Math.min(rows, columns); i++) data[i * columns + i] = gain;
  return data;
}

function draw(initializer: Initializer, shape: readonly number[], random: RandomStream): Float32Array {
  const size = sizeOf(shape);
  switch (initializer.kind) {
    case 'constant':
      return new Float32Array(size).fill(initializer.value);
    case 'uniform':
      return fill(size, () => initializer.min + (initializer.max - initializer.min) * random.uniform());
    case 'normal': {
      const unit = initializer.truncated ? () => truncatedNormal(random) : () => random.normal();
      return fill(size, () => initializer.mean + initializer.stddev * unit());
    }
    case 'variance-scaling':
      return drawScaled(initializer, shape, random);
    case 'orthogonal':
      return drawOrthogonal(sizeOf(shape.slice(0, -1)), shape.at(-1) ?? 1, initializer.gain, random);
    case 'identity':
      return identity(shape, initializer.gain);
    case 'unit-forget-bias': {
      // The gates i, f, c, o are concatenated: the second quarter is the forget gate.
      const data = draw(initializer.rest, shape, random);
      return data.fill(1, size / 4, size / 2);
    }
  }
}

/** Refuses initialisers that are impossible for the shape of the parameter. Throws LAYER_INVALID naming the parameter. */
export function checkInitializer(param: Param): void {
  const { kind } = param.initializer;
  const refuse = (need: string) => {
    throw new AppError(
      'LAYER_INVALID',
      `parameter "${param.name}": the ${kind} initializer needs ${need}, its shape is [${param.shape}]`,
      { details: { parameter: param.name, layer: param.layer } },
    );
  };
  if (kind === 'identity' && param.shape.length !== 2) refuse('a matrix');
  if (kind === 'orthogonal' && param.shape.length < 2) refuse('at least two axes');
}

/** The initial value of one parameter. It depends only on name, shape, initializer and seed. */
export function drawInitial(param: Param, seed: number): NDArray<'float32'> {
  checkInitializer(param);
  return ndarray('float32', param.shape, draw(param.initializer, param.shape, createRandom(seed, param.name)));
}

/** The initial values of all parameters, by name, in the order of the layers. */
export function initialWeights(topology: Topology, seed: number): Map<string, NDArray<'float32'>> {
  const params = topology.layers.flatMap((layer) => layer.params);
  return new Map(params.map((param) => [param.name, drawInitial(param, seed)]));
}

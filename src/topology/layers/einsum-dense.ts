/** EinsumDense (Keras): activation(einsum(equation, x, kernel) + bias), where a letter names each axis. */
import { type ActivationRef, readActivation } from '../activations.ts';
import { type ConfigReader, show } from '../config-reader.ts';
import type { Initializer } from '../initializers.ts';
import type { LayerSpec } from '../layer-spec.ts';
import type { LayerParam, Shape } from '../topology.ts';
import { knownExtent, misfit, oneInput, showShape } from './misfit.ts';
import { weightParam } from './params.ts';

export interface EinsumDenseConfig {
  /** One letter per axis, of the input, the kernel and the output. */
  readonly input: string;
  readonly kernel: string;
  readonly output: string;
  /** Position of the axes written as '...': before the named axes, after them, or absent. */
  readonly ellipsis: 'left' | 'right' | null;
  /** Extents of the output axes that letters name, without the batch axis. */
  readonly outputShape: readonly (number | null)[];
  /** Letters of the output axes along which the bias varies; null: no bias. */
  readonly biasAxes: string | null;
  readonly activation: ActivationRef;
  readonly kernelInitializer: Initializer;
  readonly biasInitializer: Initializer;
}

type Equation = Pick<EinsumDenseConfig, 'input' | 'kernel' | 'output' | 'ellipsis'>;

const forms = [
  { ellipsis: null, form: /^([a-zA-Z]+),([a-zA-Z]+)->([a-zA-Z]+)$/ },
  { ellipsis: 'left', form: /^\.\.\.([a-zA-Z]+),([a-zA-Z]+)->\.\.\.([a-zA-Z]+)$/ },
  { ellipsis: 'right', form: /^([a-zA-Z]{2,})\.\.\.,([a-zA-Z]+)->([a-zA-Z]+)\.\.\.$/ },
] as const;

const hasTwins = (letters: string) => new Set(letters).size < letters.length;

function readEquation(config: ConfigReader): Equation {
  const equation = config.string('equation').replaceAll(' ', '');
  for (const { ellipsis, form } of forms) {
    const [, input = '', kernel = '', output = ''] = form.exec(equation) ?? [];
    if (input === '') continue;
    const unknown = [...output].find((letter) => !input.includes(letter) && !kernel.includes(letter));
    const unused = [...kernel].find((letter) => !input.includes(letter) && !output.includes(letter));
    if (unknown ?? unused) return config.fail('equation', `names the axis ${unknown ?? unused} once, in "${equation}"`);
    if ([input, kernel, output].some(hasTwins)) return config.fail('equation', `repeats an axis, in "${equation}"`);
    // The batch axis is the first one of the input and not an axis of the kernel.
    const batch = input[0] as string;
    if (ellipsis !== 'left' && (output[0] !== batch || kernel.includes(batch)))
      return config.fail('equation', `must keep the batch axis first and out of the kernel, in "${equation}"`);
    return { input, kernel, output, ellipsis };
  }
  return config.fail(
    'equation',
    `must be of the form ab,bc->ac, ...ab,bc->...ac or ab...,bc->ac..., got ${show(equation)}`,
  );
}

function readOutputShape(config: ConfigReader): (number | null)[] {
  const value = config.raw('output_shape');
  const list = Array.isArray(value) ? value : [value ?? null];
  const valid = list.every((extent) => extent === null || (Number.isSafeInteger(extent) && (extent as number) > 0));
  return valid ? (list as (number | null)[]) : config.fail('output_shape', `must list extents, got ${show(value)}`);
}

function readBiasAxes(config: ConfigReader, { output }: Equation): string | null {
  if ((config.raw('bias_axes') ?? null) === null) return null;
  const axes = config.string('bias_axes');
  const unknown = [...axes].find((letter) => !output.includes(letter));
  return unknown === undefined && axes !== ''
    ? axes
    : config.fail('bias_axes', `must name axes of the output ${output}, got ${show(axes)}`);
}

/** The input shape with a batch axis, the output shape, and the extent of every letter. */
function resolve({ input, output, ellipsis, outputShape }: EinsumDenseConfig, shape: Shape) {
  const batched: Shape = [null, ...shape];
  const elided = batched.length - input.length;
  if (elided < 0 || (ellipsis === null && elided > 0))
    misfit(`must have the axes ${input}${ellipsis ? ' and those of ...' : ''}, got ${showShape(shape)}`);
  const hidden =
    ellipsis === 'left' ? batched.slice(1, elided) : ellipsis === 'right' ? batched.slice(input.length) : [];
  const whole = ellipsis === 'left' ? [null, ...hidden, ...outputShape] : [null, ...outputShape, ...hidden];
  const [inputStart, outputStart] = ellipsis === 'left' ? [elided, elided] : [0, 0];
  if (whole.length !== output.length + elided)
    misfit(`has an output of ${output}, which output_shape [${outputShape}] does not fill`);
  const extents = new Map<string, number | null>();
  for (const [index, letter] of [...input].entries()) extents.set(letter, batched[inputStart + index] ?? null);
  const full = whole.map((extent, index) => {
    const known = extents.get(output[index - outputStart] ?? '') ?? null;
    if (known !== null && extent !== null && known !== extent)
      misfit(`has ${known} along ${output[index - outputStart]} where output_shape says ${extent}`);
    return extent ?? known;
  });
  for (const [index, letter] of [...output].entries()) extents.set(letter, full[outputStart + index] ?? null);
  return { outputShape: full.slice(1), extents };
}

/** Fans as in Keras: axes shared with the input multiply to the fan-in, those shared with the output to the fan-out. */
function withAxes(initializer: Initializer, { kernel, output }: EinsumDenseConfig): Initializer {
  if (initializer.kind !== 'variance-scaling') return initializer;
  const positions = [...kernel].map((letter, index) => ({ index, isOutput: output.includes(letter) }));
  const inputAxes = positions.filter(({ isOutput }) => !isOutput).map(({ index }) => index);
  const outputAxes = positions.filter(({ isOutput }) => isOutput).map(({ index }) => index);
  return { inputAxes, outputAxes, ...initializer };
}

/** Shape of the bias, starting at its first letter; extent 1 along axes where it does not vary. */
function biasShape({ output, ellipsis, biasAxes }: EinsumDenseConfig, shape: Shape): number[] {
  const axes = biasAxes ?? '';
  const first = [...output].findIndex((letter) => axes.includes(letter));
  const batched: Shape = [null, ...shape];
  const start = ellipsis === 'left' ? batched.length - output.length : 0;
  const letters = [...output].slice(first);
  const named = letters.map((letter, index) =>
    axes.includes(letter) ? knownExtent(batched, start + first + index) : 1,
  );
  const hidden = ellipsis === 'right' ? batched.slice(output.length).map(() => 1) : [];
  return [...named, ...hidden];
}

export const einsumDense: LayerSpec<EinsumDenseConfig> = {
  classNames: ['EinsumDense'],
  parse(config) {
    const equation = readEquation(config);
    return {
      ...equation,
      outputShape: readOutputShape(config),
      biasAxes: readBiasAxes(config, equation),
      activation: readActivation(config),
      kernelInitializer: config.initializer('kernel_initializer', 'glorotUniform'),
      biasInitializer: config.initializer('bias_initializer', 'zeros'),
    };
  },
  params(config, inputs) {
    const { extents, outputShape } = resolve(config, oneInput(inputs));
    const kernel = [...config.kernel].map(
      (letter) => extents.get(letter) ?? misfit(`must have a known extent along ${letter}`),
    );
    const params: LayerParam[] = [weightParam('kernel', kernel, withAxes(config.kernelInitializer, config))];
    if (config.biasAxes === null) return params;
    const shape = biasShape(config, outputShape);
    return [...params, { key: 'bias', shape, initializer: config.biasInitializer, group: 'bias' }];
  },
  outputShape: (config, inputs) => resolve(config, oneInput(inputs)).outputShape,
};

/** Runs a method on a problem: initialize(). Importing this file loads TensorFlow; the modules that describe methods and losses do not. */
import { AppError } from '../errors.ts';
import { installGradients } from './gradients/index.ts';
import { hasTensorFlowBackend, tensorFlowBackend } from './graph/binding.ts';
import { asRunError, isRefusedByTensorFlow } from './graph/run-error.ts';
import { assertApplicable, type ConfiguredMethod, configureMethod } from './methods/index.ts';
import { assertDifferentiableTwice } from './network/layer-kernels.ts';
import type { MethodResult, Problem, RunControl } from './run.ts';
import { tf } from './tf.ts';

export interface InitializeRequest {
  readonly problem: Problem;
  readonly method: ConfiguredMethod;
}

/** Time, backend and memory of a run. */
export interface RunStatistics {
  readonly seconds: number;
  readonly backend: string;
  readonly tensorflow: string | null;
  /** Number of tensors after the run minus the number before it. */
  readonly leakedTensors: number;
  /** Peak resident memory of the process so far, in bytes. */
  readonly peakResidentBytes: number;
}

export interface InitializeResult extends MethodResult {
  readonly statistics: RunStatistics;
}

/** Defaults of the control's options. */
const defaultControl: RunControl = {
  signal: new AbortController().signal,
  enough: new AbortController().signal,
  execution: 'graph',
  onIteration: () => {},
  resume: null,
  saveState: () => {},
};

/**
 * Computes initial weights.
 *
 * @param request the problem (topology, weights to start from, samples, loss, seed) and a method configured by `configureMethod`
 * @param control abort signal, progress, checkpoints; all optional
 * @returns weights of every parameter by name, the scales, skipped parameters with reasons, and the cost of the run
 * Throws METHOD_NOT_APPLICABLE, OPTION_INVALID, DIVERGED, CANCELLED, and the errors of the problem's parts. No tensor is left allocated.
 *
 * @example
 * ```ts
 * import { configureMethod, initialize } from './src/engine/index.ts';
 * import { parseModel } from './src/models/index.ts';
 * import { buildZooModel } from './src/models/zoo/index.ts';
 * import { initialWeights } from './src/topology/draw-initial.ts';
 *
 * const { topology } = parseModel({ topology: buildZooModel('mlp', { inputShape: [4], sizes: [8], classes: 3 }) });
 * const problem = { topology, weights: initialWeights(topology, 1), samples: null, loss: null, seed: 1 };
 * const { weights } = await initialize({ problem, method: configureMethod('kaiming') });
 * console.log([...weights].map(([name, { shape }]) => `${name} [${shape}]`).join(', '));
 * // dense1/kernel [4,8], dense1/bias [8], classifier/kernel [8,3], classifier/bias [3]
 * ```
 */
export async function initialize(
  request: InitializeRequest,
  control: Partial<RunControl> = {},
): Promise<InitializeResult> {
  installGradients();
  await tf.ready();
  const { problem, method } = request;
  assertApplicable(method, problem.topology);
  if (method.method.secondOrder) assertDifferentiableTwice(problem.topology);
  const tensorsBefore = tf.memory().numTensors;
  const start = performance.now();
  try {
    const result = await method.method.run(problem, method.options as never, { ...defaultControl, ...control });
    return { ...result, statistics: statistics(start, tensorsBefore) };
  } catch (cause) {
    if (control.signal?.aborted) throw new AppError('CANCELLED', 'the run was cancelled', { cause });
    throw isRefusedByTensorFlow(cause) ? asRunError(`the method ${method.method.name}`, cause) : cause;
  }
}

function statistics(start: number, tensorsBefore: number): RunStatistics {
  return {
    seconds: (performance.now() - start) / 1000,
    backend: tf.getBackend(),
    tensorflow: hasTensorFlowBackend() ? tensorFlowBackend().binding.TF_Version : null,
    leakedTensors: tf.memory().numTensors - tensorsBefore,
    peakResidentBytes: process.resourceUsage().maxRSS * 1024,
  };
}

export type { ConfiguredMethod, MethodResult, Problem, RunControl };
export { configureMethod };

/**
 * compile(step): records the TensorFlow operations of a step once for each set of input shapes and replays them as one graph.
 *
 * On backends other than TensorFlow's, and with `execution: 'eager'`, the step runs operation by operation; the results agree to float32 rounding.
 */
import { LRUCache } from 'lru-cache';
import { AppError } from '../../errors.ts';
import { type Tensor, tf } from '../tf.ts';
import { hasTensorFlowBackend, tensorFlowBackend } from './binding.ts';
import { recordPure, type Step, type Tensors } from './record.ts';
import { asRunError } from './run-error.ts';
import { nodeName, valueName } from './saved-model.ts';
import { acquireSession, releaseSession, type Session } from './sessions.ts';

export type Execution = 'graph' | 'eager';

export interface CompiledStep<O extends string = string> {
  /** Runs the step. The caller owns the returned tensors. */
  run(inputs: Tensors): Record<O, Tensor>;
  /** Frees the graphs; their sessions may be shared with other steps (sessions.ts). */
  dispose(): void;
}

interface LoadedGraph {
  readonly session: Session;
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  readonly outputs: readonly string[];
}

/** Most graphs that are kept per step. Usually there are at most four: a full and a smaller last batch, in both branches. */
const maxGraphsOfStep = 4;

/** Throws the error of a layer that cannot run, or an error that names the step when its derivatives or the whole graph fail. */
function loadGraph(name: string, step: Step, inputs: Tensors): LoadedGraph {
  try {
    return recordedGraph(name, step, inputs);
  } catch (cause) {
    throw asRunError(`the step "${name}"`, cause);
  }
}

function recordedGraph(name: string, step: Step, inputs: Tensors): LoadedGraph {
  const { recording, bytes } = recordPure(name, step, inputs);
  return {
    session: acquireSession(bytes),
    inputNames: recording.inputs.map((input) => input.name),
    outputNames: recording.outputs.map((output) => output.name),
    outputs: recording.outputs.map((output) => valueName(output.value)),
  };
}

function runGraph(graph: LoadedGraph, inputs: Tensors, nodes: readonly string[]): Record<string, Tensor> {
  const tensors = graph.inputNames.map((name) => {
    const tensor = inputs[name];
    if (!tensor) throw new AppError('INTERNAL', `the recorded step needs the input "${name}"`);
    return tensor;
  });
  const infos = nodes.map((name) => ({ name }));
  const results = tensorFlowBackend().runSavedModel(graph.session.id, tensors, infos, [...graph.outputs]);
  return Object.fromEntries(graph.outputNames.map((name, index) => [name, results[index] as Tensor]));
}

/** Shapes and dtypes of the inputs, for which a graph is specialised. */
const signatureOf = (inputs: Tensors) =>
  Object.entries(inputs)
    .map(([name, tensor]) => `${name}:${tensor.dtype}[${tensor.shape}]`)
    .join(';');

/** Copies an input that the step returns, because the caller frees results and inputs separately. */
function withoutInputs(outputs: Tensors, inputs: Tensors): Tensors {
  const given = new Set(Object.values(inputs));
  return Object.fromEntries(
    Object.entries(outputs).map(([name, tensor]) => [name, given.has(tensor) ? tf.clone(tensor) : tensor]),
  );
}

/** The error of a graph does not name a layer. The step is therefore run eagerly, where it fails in the layer at fault, which is named. */
function explain(name: string, step: Step, inputs: Tensors, cause: unknown): AppError {
  const inGraph = asRunError(`the step "${name}"`, cause);
  if (inGraph.code === 'OUT_OF_MEMORY') return inGraph;
  try {
    tf.tidy(() => void step(inputs));
  } catch (eager) {
    if (eager instanceof AppError) return eager;
  }
  return inGraph;
}

/**
 * A step that is recorded at its first run with inputs of new shapes, and replayed in later runs.
 *
 * @param name appears in errors
 * @param step a pure function of tensors (README.md of this folder)
 *
 * @example
 * ```ts
 * import { compile } from './src/engine/graph/compile.ts';
 * import { tf } from './src/engine/tf.ts';
 *
 * const step = compile('square', ({ x }) => ({ y: tf.square(x) }));
 * console.log([...step.run({ x: tf.tensor([1, 2, 3]) }).y.dataSync()]);
 * // [ 1, 4, 9 ]
 * step.dispose();
 * ```
 */
export function compile<O extends string>(
  name: string,
  step: (inputs: Tensors) => Record<O, Tensor>,
  execution: Execution = 'graph',
): CompiledStep<O> {
  if (execution === 'eager' || !hasTensorFlowBackend()) {
    // tf.tidy types its result as a container of tensors, which this record is.
    return {
      run(inputs) {
        try {
          return tf.tidy(() => withoutInputs(step(inputs), inputs)) as Record<O, Tensor>;
        } catch (cause) {
          throw asRunError(`the step "${name}"`, cause);
        }
      },
      dispose: () => {},
    };
  }
  const graphs = new LRUCache<string, LoadedGraph>({
    max: maxGraphsOfStep,
    dispose: ({ session }) => releaseSession(session),
  });
  return {
    run(inputs) {
      const signature = signatureOf(inputs);
      let graph = graphs.get(signature);
      if (!graph) {
        graph = loadGraph(name, step, inputs);
        graphs.set(signature, graph);
      }
      const nodes = graph.inputNames.map((_, index) => `${nodeName(index)}:0`);
      try {
        return runGraph(graph, inputs, nodes) as Record<O, Tensor>;
      } catch (cause) {
        throw explain(name, step, inputs, cause);
      }
    },
    dispose() {
      graphs.clear();
    },
  };
}

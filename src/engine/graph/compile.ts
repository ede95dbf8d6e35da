/**
 * compile(step): records the TensorFlow operations of a step once for each set of input shapes and replays them as one graph.
 *
 * Other backends than TensorFlow's, and `execution: 'eager'`, run the step operation by operation; the results agree to float32 rounding.
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
  /** Frees the graphs; their sessions are shared with other steps (sessions.ts). */
  dispose(): void;
}

interface LoadedGraph {
  readonly session: Session;
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  readonly outputs: readonly string[];
}

/** Graphs of one step that are kept; more shapes than a full and a last short batch in both branches are rare. */
const maxGraphsOfStep = 4;

/** Throws what a layer throws that cannot run, and an error that names the step where its derivatives, or the whole graph, cannot. */
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

/** Shapes and dtypes of the inputs: what a graph is specialised to. */
const signatureOf = (inputs: Tensors) =>
  Object.entries(inputs)
    .map(([name, tensor]) => `${name}:${tensor.dtype}[${tensor.shape}]`)
    .join(';');

/** An input that the step returned becomes a copy, for the caller frees the results apart from the inputs. */
function withoutInputs(outputs: Tensors, inputs: Tensors): Tensors {
  const given = new Set(Object.values(inputs));
  return Object.fromEntries(
    Object.entries(outputs).map(([name, tensor]) => [name, given.has(tensor) ? tf.clone(tensor) : tensor]),
  );
}

/** A graph does not know its layers: run eagerly, the step fails in the layer that is at fault, and names it. */
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
 * A step that is recorded at its first run with inputs of new shapes, and replayed afterwards.
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
    // tf.tidy types its result as a container of tensors, which a record of tensors is.
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

/** Runs an operation graph: one operation after the other, each result under its name. */
import { AppError } from '../../../errors.ts';
import { placeOf } from '../../../topology/operation-graph/bind.ts';
import { constantData } from '../../../topology/operation-graph/constants.ts';
import {
  type Argument,
  type Dtype,
  type GraphConstant,
  type GraphNode,
  inputNames,
  isReference,
  type OperationGraph,
} from '../../../topology/operation-graph/graph.ts';
import { asRunError } from '../../graph/run-error.ts';
import { type Tensor, tf } from '../../tf.ts';
import type { ForwardContext, LayerForward, Weight } from '../layer-forward.ts';
import { createOperands, type Operation, type Resolved, type Result } from './arguments.ts';
import { castTo } from './common.ts';
import { graphOperations } from './index.ts';
import { Value } from './value.ts';

type Named = Map<string, Value | number>;

/** Elements of one constant of a recorded step (../../graph/recorder.ts); larger ones are put together. */
const maxPiece = 2 ** 18;

function constantTensor(constant: GraphConstant): Tensor {
  const { dtype, shape } = constant;
  const data = constantData(constant);
  const typed = dtype === 'bool' ? Int32Array.from(data) : data;
  const make = (part: typeof typed) => tf.tensor1d(part as Int32Array, dtype === 'float32' ? 'float32' : 'int32');
  const pieces = Array.from({ length: Math.ceil(typed.length / maxPiece) }, (_, index) =>
    make(typed.slice(index * maxPiece, (index + 1) * maxPiece) as Int32Array),
  );
  const flat = pieces.length === 1 ? (pieces[0] as Tensor) : pieces.length === 0 ? make(typed) : tf.concat(pieces, 0);
  return castTo(tf.reshape(flat, [...shape]), dtype);
}

function resolve(argument: Argument, named: Named): Resolved {
  if (isReference(argument)) {
    const value = named.get(argument.ref);
    if (value === undefined) throw new AppError('LAYER_INVALID', `reads "${argument.ref}", which nothing gives`);
    return value;
  }
  if (Array.isArray(argument)) return (argument as readonly Argument[]).map((entry) => resolve(entry, named));
  if (typeof argument === 'object' && argument !== null && 'number' in argument) return Number(argument.number);
  return argument as Resolved;
}

const isList = (result: Result | readonly (Value | Value[])[]): result is readonly (Value | Value[])[] =>
  Array.isArray(result);

/** Puts the results of an operation under their names. */
function store({ outputs }: GraphNode, result: ReturnType<Operation>, named: Named): void {
  const results = isList(result) ? result : [result];
  outputs.forEach((output, index) => {
    if (output === null) return;
    const found = results[index] as Value | number | Value[] | undefined;
    if (typeof output === 'string') {
      if (found === undefined || Array.isArray(found))
        throw new AppError('LAYER_INVALID', `its result ${index} is used, and only the first ones can be read`);
      named.set(output, found);
    } else if (Array.isArray(found)) {
      output.forEach((name, at) => {
        const part = found[at];
        if (part !== undefined) named.set(name, part);
      });
    }
  });
}

function runNode(node: GraphNode, named: Named, context: ForwardContext): void {
  const run = graphOperations.get(node.op);
  if (!run) throw new AppError('LAYER_UNKNOWN', `the engine cannot run ${node.op}`);
  const args = Object.fromEntries(
    Object.entries(node.args).map(([name, argument]) => [name, resolve(argument, named)]),
  );
  store(node, run(createOperands(node.op, args), context), named);
}

/** The error of an operation with the place of its node. */
function inNode(node: GraphNode, cause: unknown): AppError {
  const place = placeOf(node);
  if (!(cause instanceof AppError)) return asRunError(place, cause);
  if (cause.code !== 'LAYER_INVALID' || cause.message.startsWith('operation ')) return cause;
  return new AppError(cause.code, `${place}: ${cause.message}`, {
    cause,
    details: { operation: node.op, node: node.name, module: node.module },
  });
}

/** The extents that the file states, against those that came out. */
function createCheck({ shapes }: OperationGraph) {
  const stated = new Map(shapes.map(({ name, shape }) => [name, shape]));
  const symbols = new Map<string, number>();
  return (name: string, value: Value | number | undefined): void => {
    const shape = stated.get(name);
    if (!shape || !(value instanceof Value)) return;
    const fits =
      shape.length === value.rank &&
      shape.every((extent, axis) => {
        const own = value.shape[axis] as number;
        if (extent === null) return true;
        if (typeof extent === 'number') return extent === own;
        const known = symbols.get(extent);
        if (known === undefined) symbols.set(extent, own);
        return known === undefined || known === own;
      });
    if (!fits)
      throw new AppError(
        'LAYER_INVALID',
        `has the shape [${value.shape}] where the file states [${shape.map((extent) => extent ?? '?')}]; does the batch fit the one that the model was exported for?`,
      );
  };
}

const valueOfParam = (weight: Weight, dtype: Dtype): Value =>
  dtype === 'float32' ? Value.ofWeight(weight, weight.shape) : Value.of(castTo(weight.value(), dtype));

/** The forward function of a graph; `context.weights` holds the network's parameters by name. */
export const runGraph: LayerForward<OperationGraph> = (graph, inputs, _own, context) => {
  const named: Named = new Map();
  const check = createCheck(graph);
  const used = new Set(graph.nodes.flatMap(inputNames));
  graph.inputs.forEach(({ name, dtype }, index) => {
    const value = Value.of(castTo(inputs[index] as Tensor, dtype));
    named.set(name, value);
    check(name, value);
  });
  for (const { name, refs, dtype } of graph.params) {
    const weight = context.weights?.get(name);
    if (weight && refs.some((ref) => used.has(ref) || graph.outputs.includes(ref)))
      for (const ref of refs) named.set(ref, valueOfParam(weight, dtype));
  }
  for (const constant of graph.constants) named.set(constant.name, Value.of(constantTensor(constant)));
  for (const node of graph.nodes) {
    try {
      runNode(node, named, context);
      for (const output of node.outputs) if (typeof output === 'string') check(output, named.get(output));
    } catch (cause) {
      throw inNode(node, cause);
    }
  }
  const [first, ...further] = graph.outputs.map((name) => {
    const value = named.get(name);
    if (value instanceof Value) return value.tensor;
    throw new AppError('MODEL_MALFORMED', `the output "${name}" is no tensor`);
  });
  context.emit?.(further);
  return first as Tensor;
};

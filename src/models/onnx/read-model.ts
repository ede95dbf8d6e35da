/** An ONNX model as an operation graph. */
import { AppError } from '../../errors.ts';
import { sizeOf } from '../../ndarray.ts';
import {
  type Extent,
  type GraphInput,
  type GraphNode,
  type GraphParam,
  inputNames,
  type OperationGraph,
} from '../../topology/operation-graph/graph.ts';
import { liveNodes } from '../../topology/operation-graph/live.ts';
import { Call, refuse } from './call.ts';
import { asConstant } from './constants.ts';
import { readOnnxFile } from './file.ts';
import { GraphBuilder } from './graph-builder.ts';
import { fuseLinear } from './linear.ts';
import { noticesOf } from './notices.ts';
import { onnxOperators, plainDomains, refuseOperator } from './operators/index.ts';
import { networkOutputs } from './outputs.ts';
import { classifyInitializers, type InitializerKind, sharedStatistics } from './parameters.ts';
import type { GraphProto, ModelProto, NodeProto, TensorProto, ValueInfo } from './proto.ts';
import { allTensors, elementTypeOf, hasValues, loadExternal, shapeOf, typeName } from './tensors.ts';
import { maxKnown, type OnnxValue, type TensorValue } from './values.ts';
import { damaged } from './wire.ts';

const minOpset = 13;

function opsetOf({ opsets }: ModelProto): number {
  const version = opsets.get('') ?? opsets.get('ai.onnx') ?? 0;
  if (version < minOpset)
    throw new AppError(
      'MODEL_MALFORMED',
      `has the operator set ${version}, ${minOpset} and later are read; convert it with onnx.version_converter.convert_version(model, ${minOpset}), or export it again with opset_version=18`,
    );
  return version;
}

/** The graph of a model that can be read. Throws MODEL_MALFORMED. */
export function graphOfModel(model: ModelProto): GraphProto {
  const graph = model.graph ?? damaged('it holds no graph');
  if (graph.hasSparse) damaged('it holds sparse initializers, which are not read');
  return graph;
}

/** Whether the elements of a tensor may be needed to read the graph. */
const fits = (tensor: TensorProto) =>
  sizeOf(tensor.dims) <= maxKnown || elementTypeOf(tensor.dataType)?.dtype !== 'float32';

function inputOf({ name, elementType, shape }: ValueInfo): GraphInput {
  const type =
    elementTypeOf(elementType) ?? damaged(`the input "${name}" takes ${typeName(elementType)}, which is not read`);
  if (shape === null)
    throw new AppError(
      'MODEL_MALFORMED',
      `states no shape for the input "${name}"; export it with the shapes of its inputs`,
    );
  return { name, dtype: type.dtype, shape, example: shape.map((extent) => (typeof extent === 'number' ? extent : 1)) };
}

function paramOf(tensor: TensorProto, kind: InitializerKind, used: ReadonlySet<string>): GraphParam {
  const type = elementTypeOf(tensor.dataType);
  return {
    name: tensor.name,
    aliases: [],
    refs: used.has(tensor.name) ? [tensor.name] : [],
    shape: shapeOf(tensor),
    dtype: 'float32',
    stored: type?.stored ?? 'F32',
    isParameter: kind === 'parameter',
    trainable: kind === 'parameter',
  };
}

/** Names that a node reads, those of graphs inside of it too. */
const readsOf = ({ inputs, attributes }: NodeProto): string[] => [
  ...inputs,
  ...attributes.flatMap(({ graph }) =>
    graph ? [...graph.nodes.flatMap(readsOf), ...graph.outputs.map(({ name }) => name)] : [],
  ),
];

/** Only what leads to an output. */
function neededNodes({ nodes }: GraphProto, outputs: readonly string[]): NodeProto[] {
  const needed = new Set(outputs);
  const kept: NodeProto[] = [];
  for (const node of [...nodes].reverse()) {
    if (!node.outputs.some((name) => needed.has(name))) continue;
    kept.push(node);
    for (const name of readsOf(node)) needed.add(name);
  }
  return kept.reverse();
}

class Reader {
  readonly builder = new GraphBuilder();
  readonly values = new Map<string, OnnxValue>();
  readonly #stated: ReadonlyMap<string, ValueInfo>;
  readonly #opset: number;

  constructor(opset: number, stated: readonly ValueInfo[]) {
    this.#opset = opset;
    this.#stated = new Map(stated.map((info) => [info.name, info]));
  }

  read(name: string, node: NodeProto): OnnxValue | undefined {
    if (name === '') return undefined;
    return (
      this.values.get(name) ??
      refuse(
        node,
        'MODEL_MALFORMED',
        `reads "${name}", which nothing before it gives; a model without its initializers (include_initializers=False) states no shapes of parameters: export it with them`,
      )
    );
  }

  run(node: NodeProto): void {
    const translate = plainDomains.has(node.domain) ? onnxOperators.get(node.opType) : undefined;
    if (!translate) {
      refuseOperator(node);
      return;
    }
    const inputs = node.inputs.map((name) => this.read(name, node));
    const call = new Call(this.builder, node, this.#opset, inputs, (graph) => this.inline(graph, node));
    const result = translate(call);
    call.checkAttributes();
    const results = 'kind' in result ? [result] : result;
    node.outputs.forEach((name, index) => {
      const value = results[index];
      // What is not given is refused where it is read.
      if (name !== '' && value !== undefined)
        this.values.set(name, this.builder.bind(name, value, this.#stated.get(name)?.shape ?? null));
    });
  }

  /** The results of a graph inside of a node, run where the node is. */
  inline(graph: GraphProto, node: NodeProto): OnnxValue[] {
    for (const tensor of graph.initializers) this.values.set(tensor.name, asConstant(this.builder, tensor));
    for (const inner of graph.nodes) this.run(inner);
    return graph.outputs.map(
      ({ name }) => this.read(name, node) ?? damaged(`the node "${node.name}" has a branch without a result`),
    );
  }

  /** The names of outputs in the graph. */
  outputs(names: readonly string[]): string[] {
    const origin = { name: 'output', module: '' };
    return names.map((name) => {
      const value = this.values.get(name);
      if (value?.kind === 'tensor') return value.ref;
      if (value?.kind === 'known') return this.builder.materialize(value, origin).ref;
      throw new AppError('MODEL_MALFORMED', `the output "${name}" is given by nothing, or is no tensor`);
    });
  }
}

const elementsOf = (shapes: readonly (readonly Extent[])[]): number =>
  shapes.reduce((sum, shape) => sum + sizeOf(shape.map((extent) => (typeof extent === 'number' ? extent : 1))), 0);

/** The graph of a file, without the values of its parameters. Throws MODEL_MALFORMED, MODEL_TOO_LARGE, LAYER_UNKNOWN. */
export async function readOnnx(file: string): Promise<OperationGraph> {
  const model = await readOnnxFile(file);
  const opset = opsetOf(model);
  const graph = graphOfModel(model);
  await loadExternal(
    file,
    allTensors(graph).filter((tensor) => !hasValues(tensor) && fits(tensor)),
  );
  const kinds = classifyInitializers(model, graph);
  const named = new Set(graph.initializers.map(({ name }) => name));
  const inputs = graph.inputs.filter(({ name }) => !named.has(name)).map(inputOf);
  const outputs = networkOutputs(graph);
  const reader = new Reader(opset, [...graph.valueInfo, ...graph.outputs]);
  for (const { name, dtype, shape } of inputs) {
    reader.values.set(name, { kind: 'tensor', ref: name, dtype, shape });
    reader.builder.stateShape(name, shape);
  }
  for (const tensor of graph.initializers) {
    const isState = kinds.get(tensor.name) !== 'constant';
    const value: OnnxValue = isState
      ? { kind: 'tensor', ref: tensor.name, dtype: 'float32', shape: shapeOf(tensor) }
      : asConstant(reader.builder, tensor);
    reader.values.set(tensor.name, value);
    if (isState) reader.builder.state.add(tensor.name);
  }
  for (const tensor of sharedStatistics(graph, kinds)) {
    const value = asConstant(reader.builder, tensor);
    const origin = { name: tensor.name, module: '' };
    reader.builder.statistics.set(
      tensor.name,
      value.kind === 'known' ? reader.builder.materialize(value, origin) : (value as TensorValue),
    );
  }
  for (const node of neededNodes(graph, outputs.names)) reader.run(node);
  const results = reader.outputs(outputs.names);
  const { nodes: all, constants, shapes } = reader.builder.finish();
  const finalOutputs = results.map((ref) => reader.builder.nameOf(ref));
  const state = graph.initializers.filter(({ name }) => kinds.get(name) !== 'constant');
  const nodes = liveNodes(
    fuseLinear(all, new Map(state.map((tensor) => [tensor.name, tensor.dims])), finalOutputs),
    finalOutputs,
  );
  const used = new Set([...nodes.flatMap(inputNames), ...finalOutputs]);
  const kept = new Set([...used, ...nodes.flatMap(({ outputs: own }) => own.flat())]);
  return {
    name: 'model',
    producer: `${model.producer} ${model.producerVersion}`.trim().slice(0, 80),
    origin: 'onnx',
    mode: 'train',
    inputs,
    params: state.map((tensor) => paramOf(tensor, kinds.get(tensor.name) ?? 'constant', used)),
    constants: constants.filter(({ name }) => used.has(name)),
    nodes,
    outputs: finalOutputs,
    shapes: shapes.filter(({ name }) => kept.has(name)),
    symbols: symbolsOf(inputs),
    elementsPerSample: elementsOf(shapesOf(nodes, shapes)),
    notices: [...noticesOf(model, graph, kinds), ...outputs.notices],
  };
}

function symbolsOf(inputs: readonly GraphInput[]): OperationGraph['symbols'] {
  const names = new Set(inputs.flatMap(({ shape }) => shape.filter((extent) => typeof extent === 'string')));
  return [...names].map((name) => ({ name, min: 1, max: null }));
}

function shapesOf(nodes: readonly GraphNode[], shapes: OperationGraph['shapes']): (readonly Extent[])[] {
  const made = new Set(nodes.flatMap(({ outputs }) => outputs.flat()));
  return shapes.filter(({ name }) => made.has(name)).map(({ shape }) => shape);
}

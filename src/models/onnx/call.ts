/** One node of an ONNX graph as its translation sees it: inputs by position, attributes by name, and a refusal that names the place. */
import { AppError } from '../../errors.ts';
import type { Argument, Dtype, Extent } from '../../topology/operation-graph/graph.ts';
import type { GraphBuilder, Origin, Result } from './graph-builder.ts';
import type { AttributeProto, GraphProto, NodeProto, TensorProto } from './proto.ts';
import {
  type KnownValue,
  type ListValue,
  type OnnxValue,
  plainNumbers,
  type Scalar,
  type TensorValue,
} from './values.ts';

/** 'layer1.0' out of the list of scopes that torch.onnx writes beside a node. */
function moduleOf({ metadata }: NodeProto): string {
  const scopes = [...(metadata.get('pkg.torch.onnx.name_scopes') ?? '').matchAll(/'([^']*)'/g)].map(
    ([, scope]) => scope,
  );
  return scopes.at(-2) ?? '';
}

export const originOf = (node: NodeProto): Origin => ({
  name: node.name || (node.outputs.find((output) => output !== '') ?? node.opType),
  module: moduleOf(node),
});

export const placeOfNode = (node: NodeProto): string => {
  const { name, module } = originOf(node);
  return `operation ${node.domain === '' || node.domain === 'ai.onnx' ? '' : `${node.domain}.`}${node.opType} (node "${name}"${module === '' ? '' : `, module "${module}"`})`;
};

export function refuse(node: NodeProto, code: 'LAYER_UNKNOWN' | 'MODEL_MALFORMED', problem: string): never {
  const { name, module } = originOf(node);
  throw new AppError(code, `${placeOfNode(node)} ${problem}`, {
    details: { operation: node.opType, node: name, module },
  });
}

export class Call {
  readonly node: NodeProto;
  readonly opset: number;
  readonly origin: Origin;
  readonly builder: GraphBuilder;
  /** The results of a graph inside of an attribute, run where this node is. */
  readonly inline: (graph: GraphProto) => readonly OnnxValue[];
  readonly #inputs: readonly (OnnxValue | undefined)[];
  readonly #read = new Set<string>();

  constructor(
    builder: GraphBuilder,
    node: NodeProto,
    opset: number,
    inputs: readonly (OnnxValue | undefined)[],
    inline: Call['inline'],
  ) {
    this.builder = builder;
    this.node = node;
    this.opset = opset;
    this.origin = originOf(node);
    this.#inputs = inputs;
    this.inline = inline;
  }

  fail(problem: string): never {
    return refuse(this.node, 'MODEL_MALFORMED', problem);
  }

  unsupported(problem: string): never {
    return refuse(this.node, 'LAYER_UNKNOWN', problem);
  }

  get inputCount(): number {
    return this.#inputs.length;
  }

  has(index: number): boolean {
    return this.#inputs[index] !== undefined;
  }

  value(index: number): OnnxValue {
    return this.#inputs[index] ?? this.fail(`lacks its input ${index + 1}`);
  }

  /** The input as a tensor of the graph. */
  tensor(index: number): TensorValue {
    return this.asTensor(this.value(index));
  }

  asTensor(value: OnnxValue): TensorValue {
    if (value.kind === 'tensor') return value;
    if (value.kind === 'known') return this.builder.materialize(value, this.origin);
    if (value.kind === 'list') return this.fail('takes a tensor, and is given a sequence of tensors');
    return this.unsupported(
      'draws random numbers inside of the network, and a step must give the same numbers every time; take the noise as an input of the model',
    );
  }

  ref(index: number): Argument {
    return { ref: this.tensor(index).ref };
  }

  /** Null for an input that is left out. */
  maybeRef(index: number): Argument {
    return this.has(index) ? this.ref(index) : null;
  }

  list(index: number): ListValue {
    const value = this.value(index);
    return value.kind === 'list' ? value : this.fail('takes a sequence of tensors, and is given a tensor');
  }

  /** The input as numbers that are known while the file is read. */
  known(index: number, what: string): KnownValue {
    const value = this.value(index);
    if (value.kind === 'known') return value;
    return this.unsupported(
      `takes ${what} from a tensor that is computed when the network runs; only numbers that follow from the file or from the shapes of inputs are read`,
    );
  }

  scalars(index: number, what: string): readonly Scalar[] {
    return this.known(index, what).elements;
  }

  numbers(index: number, what: string): readonly number[] {
    return (
      plainNumbers(this.known(index, what)) ??
      this.unsupported(`takes ${what} that follow from the shapes of inputs; fixed ones are read`)
    );
  }

  number(index: number, what: string): number {
    const [value, ...others] = this.numbers(index, what);
    return value === undefined || others.length > 0 ? this.fail(`takes ${what} as one number`) : value;
  }

  #attribute(name: string): AttributeProto | undefined {
    this.#read.add(name);
    return this.node.attributes.find((attribute) => attribute.name === name);
  }

  hasAttribute(name: string): boolean {
    return this.#attribute(name) !== undefined;
  }

  int(name: string, fallback: number): number {
    return this.#attribute(name)?.i ?? fallback;
  }

  float(name: string, fallback: number): number {
    return this.#attribute(name)?.f ?? fallback;
  }

  text(name: string, fallback: string): string {
    return this.#attribute(name)?.s ?? fallback;
  }

  ints(name: string): readonly number[] | undefined {
    return this.#attribute(name)?.ints;
  }

  floats(name: string): readonly number[] | undefined {
    return this.#attribute(name)?.floats;
  }

  texts(name: string): readonly string[] | undefined {
    return this.#attribute(name)?.strings;
  }

  tensorAttribute(name: string): TensorProto | null {
    return this.#attribute(name)?.tensor ?? null;
  }

  graph(name: string): GraphProto | null {
    return this.#attribute(name)?.graph ?? null;
  }

  /** Attributes that change nothing here. */
  ignore(...names: readonly string[]): void {
    for (const name of names) this.#read.add(name);
  }

  /** Throws MODEL_MALFORMED for an attribute that nothing has read. */
  checkAttributes(): void {
    const unread = this.node.attributes.find(({ name }) => !this.#read.has(name));
    if (unread) this.fail(`has the attribute "${unread.name}", which is not read`);
  }

  emit(op: string, args: Readonly<Record<string, Argument>>, result: Result = {}): TensorValue {
    return this.builder.emit(this.origin, op, args, result);
  }

  /** Number of axes. */
  rank(value: OnnxValue): number {
    if (value.kind === 'known') return value.shape.length;
    if (value.kind === 'list') return this.fail('takes a tensor, and is given a sequence of tensors');
    return (
      shapeOf(value)?.length ??
      this.unsupported(
        'needs the number of axes of its input, which the file does not state; run onnx.shape_inference.infer_shapes on the model and save it again',
      )
    );
  }

  axis(axis: number, rank: number): number {
    const at = axis < 0 ? axis + rank : axis;
    return Number.isInteger(at) && at >= 0 && at < Math.max(rank, 1)
      ? at
      : this.fail(`names the axis ${axis} of ${rank}`);
  }

  sizes(value: TensorValue): readonly Scalar[] {
    const rank = this.rank(value);
    return Array.from({ length: rank }, (_, axis) => this.builder.sizeAt(value, axis, this.origin));
  }

  extents(scalars: readonly Scalar[]): readonly Extent[] {
    return scalars.map((scalar) => this.builder.extentOf(scalar));
  }

  scalar(name: string, a: Scalar, b: Scalar): Scalar {
    return this.builder.scalar(name, a, b, this.origin);
  }
}

export const dtypeOf = (value: OnnxValue): Dtype =>
  value.kind === 'tensor' || value.kind === 'known' ? value.dtype : 'float32';

export function shapeOf(value: OnnxValue): readonly Extent[] | null {
  if (value.kind === 'uniform') return value.like.shape;
  return value.kind === 'list' ? null : value.shape;
}

/** The results of a node, in the order of its outputs. */
export type Translate = (call: Call) => OnnxValue | readonly OnnxValue[];

export type Translations = Readonly<Record<string, Translate>>;

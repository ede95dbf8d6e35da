/** The operation graph under construction: nodes, constants, sizes that follow from inputs, and the names that results get in the end. */
import { sizeOf } from '../../ndarray.ts';
import { type ConstantData, packConstant } from '../../topology/operation-graph/constants.ts';
import type {
  Argument,
  Dtype,
  Extent,
  GraphConstant,
  GraphNode,
  Reference,
} from '../../topology/operation-graph/graph.ts';
import { type KnownValue, type OnnxValue, plainNumbers, type Scalar, type TensorValue } from './values.ts';
import { damaged } from './wire.ts';

/** What a node is called in messages: the operation of the graph comes beside it. */
export interface Origin {
  readonly name: string;
  readonly module: string;
}

type Args = Readonly<Record<string, Argument>>;

export interface Result {
  readonly dtype?: Dtype;
  readonly shape?: readonly Extent[] | null;
}

const scalarOperations: Readonly<Record<string, (a: number, b: number) => number>> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  floordiv: (a, b) => Math.floor(a / b),
  mod: (a, b) => a - b * Math.floor(a / b),
  max: Math.max,
  min: Math.min,
};

const maxInt32 = 2 ** 31 - 1;

export class GraphBuilder {
  readonly nodes: GraphNode[] = [];
  readonly constants: GraphConstant[] = [];
  /** Initializers that are parameters or buffers, by name. */
  readonly state = new Set<string>();
  /** The values that a parameter has in the file, where it is a running statistic too: training moves the one and not the other. */
  readonly statistics = new Map<string, TensorValue>();
  /** Random choices as numbers, and the probability of 1. */
  readonly choices = new Map<string, number>();
  readonly #shapes = new Map<string, readonly Extent[]>();
  readonly #names = new Map<string, string>();
  readonly #sizes = new Map<string, Reference>();
  readonly #symbols = new Map<string, string>();
  readonly #made = new WeakMap<KnownValue, TensorValue>();
  #count = 0;

  #fresh(): string {
    return `%${this.#count++}`;
  }

  /** Names that nothing in the file has: a file may not begin names so. */
  static isFresh(name: string): boolean {
    return /^%\d+$/.test(name);
  }

  /** An operation with one result. */
  emit(origin: Origin, op: string, args: Args, { dtype = 'float32', shape = null }: Result = {}): TensorValue {
    const [value] = this.emitSeveral(origin, op, args, [{ dtype, shape }]);
    return value as TensorValue;
  }

  emitSeveral(origin: Origin, op: string, args: Args, results: readonly Result[]): TensorValue[] {
    const values = results.map(({ dtype = 'float32', shape = null }): TensorValue => {
      return { kind: 'tensor', ref: this.#fresh(), dtype, shape };
    });
    this.nodes.push({ op, ...origin, args, outputs: values.map(({ ref }) => ref) });
    for (const { ref, shape } of values) if (shape) this.#shapes.set(ref, shape);
    return values;
  }

  /** An operation whose one result is a list of tensors. */
  emitList(origin: Origin, op: string, args: Args, results: readonly Result[]): TensorValue[] {
    const values = results.map(({ dtype = 'float32', shape = null }): TensorValue => {
      return { kind: 'tensor', ref: this.#fresh(), dtype, shape };
    });
    this.nodes.push({ op, ...origin, args, outputs: [values.map(({ ref }) => ref)] });
    for (const { ref, shape } of values) if (shape) this.#shapes.set(ref, shape);
    return values;
  }

  constant(dtype: Dtype, shape: readonly number[], data: ConstantData): TensorValue {
    const name = this.#fresh();
    this.constants.push({ name, dtype, shape, data: packConstant(data) });
    return { kind: 'tensor', ref: name, dtype, shape };
  }

  /** Known numbers as a tensor of the graph. */
  materialize(value: KnownValue, origin: Origin): TensorValue {
    const made = this.#made.get(value) ?? this.#materialize(value, origin);
    this.#made.set(value, made);
    return made;
  }

  #materialize(value: KnownValue, origin: Origin): TensorValue {
    const { dtype, shape, elements } = value;
    const numbers = plainNumbers(value);
    if (numbers !== null) {
      if (dtype === 'float32') return this.constant(dtype, shape, Float32Array.from(numbers));
      if (dtype === 'bool') return this.constant(dtype, shape, Uint8Array.from(numbers, Number));
      const beyond = numbers.find((number) => Math.abs(number) > maxInt32);
      if (beyond !== undefined) damaged(`the whole number ${beyond} is computed with, and does not fit in 32 bits`);
      return this.constant(dtype, shape, Int32Array.from(numbers));
    }
    const parts = elements.map((s) =>
      this.emit(origin, 'scalar_tensor', { s, dtype: { dtype } }, { dtype, shape: [] }),
    );
    if (shape.length === 0) return parts[0] as TensorValue;
    const tensors = parts.map(({ ref }) => ({ ref }));
    const row = this.emit(origin, 'stack', { tensors, dim: 0 }, { dtype, shape: [sizeOf(shape)] });
    if (shape.length === 1) return row;
    return this.emit(origin, 'reshape', { self: { ref: row.ref }, shape }, { dtype, shape });
  }

  /** The size of an axis, known or as a number of the graph. */
  sizeAt({ ref, shape }: TensorValue, axis: number, origin: Origin): Scalar {
    const extent = shape?.[axis] ?? null;
    if (typeof extent === 'number') return extent;
    const key = extent === null ? `${axis} of ${ref}` : `symbol ${extent}`;
    const known = this.#sizes.get(key);
    if (known) return known;
    const { ref: name } = this.emit(origin, 'sym_size', { self: { ref }, dim: axis });
    const size = { ref: name };
    this.#sizes.set(key, size);
    if (extent !== null) this.#symbols.set(name, extent);
    return size;
  }

  /** A number as an extent: a symbol where it is one. */
  extentOf(scalar: Scalar): Extent {
    return typeof scalar === 'number' ? scalar : (this.#symbols.get(scalar.ref) ?? null);
  }

  scalar(name: string, a: Scalar, b: Scalar, origin: Origin): Scalar {
    if (typeof a === 'number' && typeof b === 'number') return (scalarOperations[name] as (typeof Math)['max'])(a, b);
    if (name === 'mul' && (a === 1 || b === 1)) return a === 1 ? b : a;
    return { ref: this.emit(origin, `scalar.${name}`, { a, b }).ref };
  }

  /** The name that a result has in the file, and the shape that the file states for it. */
  bind(name: string, value: OnnxValue, stated: readonly Extent[] | null): OnnxValue {
    if (value.kind !== 'tensor') return value;
    if (GraphBuilder.isFresh(value.ref) && !this.#names.has(value.ref)) this.#names.set(value.ref, name);
    if (stated === null) return value;
    const shape = value.shape === null ? stated : narrowed(value.shape, stated);
    this.#shapes.set(value.ref, shape);
    return { ...value, shape };
  }

  stateShape(ref: string, shape: readonly Extent[]): void {
    this.#shapes.set(ref, shape);
  }

  /** The name of a value in the finished graph. */
  nameOf(ref: string): string {
    return this.#names.get(ref) ?? ref;
  }

  #renamed(argument: Argument): Argument {
    if (Array.isArray(argument)) return (argument as readonly Argument[]).map((entry) => this.#renamed(entry));
    if (typeof argument === 'object' && argument !== null && 'ref' in argument)
      return { ref: this.nameOf((argument as Reference).ref) };
    return argument;
  }

  finish(): {
    nodes: GraphNode[];
    constants: GraphConstant[];
    shapes: { name: string; shape: readonly Extent[] }[];
  } {
    const nodes = this.nodes.map((node) => ({
      ...node,
      args: Object.fromEntries(Object.entries(node.args).map(([key, value]) => [key, this.#renamed(value)])),
      outputs: node.outputs.map((output) =>
        output === null
          ? null
          : typeof output === 'string'
            ? this.nameOf(output)
            : output.map((name) => this.nameOf(name)),
      ),
    }));
    const constants = this.constants.map((constant) => ({ ...constant, name: this.nameOf(constant.name) }));
    const shapes = [...this.#shapes].map(([ref, shape]) => ({ name: this.nameOf(ref), shape }));
    return { nodes, constants, shapes };
  }
}

/** What the file states where this reader knows less; both where they differ in number is left to the check at run time. */
function narrowed(own: readonly Extent[], stated: readonly Extent[]): readonly Extent[] {
  if (own.length !== stated.length) return stated;
  return own.map((extent, axis) => (typeof extent === 'number' ? extent : (stated[axis] ?? extent)));
}

/**
 * Records the TensorFlow operations of a step without executing it.
 *
 * While a step is recorded, the backend's binding is replaced by a Proxy whose `executeOp` stores the operation and returns the shape of its result
 * (abstract-op.ts). The sign of a value's id distinguishes two kinds:
 *   abstract   id < 0: an input of the step, or computed from one; only shape and dtype are known
 *   concrete   id >= 0: small values created on the host (shapes, axes, scalars) and values computed from these alone; they become constants
 * The same operation on the same values is recorded once, so that gradient rules may recompute what they do not save.
 * Large data is never embedded: a large tensor that is not an input is an error, and so is reading an abstract value (STEP_NOT_PURE).
 */
import { AppError } from '../../errors.ts';
import { sizeOf } from '../../ndarray.ts';
import { abstractOutputs } from './abstract-op.ts';
import type { OpAttribute, OutputMetadata, TensorFlowBinding, TypedArray } from './binding.ts';
import type { RecordedNode, ValueRef } from './recording.ts';

/** Most elements of a concrete result that becomes a constant; larger ones stay operations in the graph (for example a Fill of a large shape). */
const maxFoldedElements = 1024;
/** Most elements of a tensor created on the host; larger ones are refused unless all elements are equal. */
const maxConstantElements = 262_144;

interface AbstractValue {
  readonly ref: ValueRef;
  readonly shape: readonly number[];
  readonly dtype: number;
}

interface ConcreteValue {
  readonly shape: readonly number[];
  readonly dtype: number;
  readonly data: TypedArray;
  node: number | null;
}

export class Recorder {
  readonly nodes: RecordedNode[] = [];
  readonly #real: TensorFlowBinding;
  readonly #abstract = new Map<number, AbstractValue>();
  readonly #concrete = new Map<number, ConcreteValue>();
  readonly #known = new Map<string, readonly AbstractValue[]>();
  readonly #constants = new Map<string, number>();
  readonly #deleted: number[] = [];
  #nextId = -1;

  constructor(real: TensorFlowBinding) {
    this.#real = real;
  }

  /** The binding to install while the step runs. The Proxy has an empty target, because the properties of the real binding are read-only. */
  binding(): TensorFlowBinding {
    const overrides: Partial<TensorFlowBinding> = {
      createTensor: (shape, dtype, values) => this.#createTensor(shape, dtype, values),
      deleteTensor: (id) => this.#deleteTensor(id),
      tensorDataSync: (id) => this.#read(id),
      executeOp: (name, attributes, ids, outputs) => this.#executeOp(name, attributes, ids, outputs),
    };
    const real = this.#real;
    return new Proxy({} as TensorFlowBinding, {
      get: (_, property) => Reflect.get(overrides, property) ?? Reflect.get(real, property),
    });
  }

  /** Adds a named input and returns the metadata of its placeholder tensor. */
  addInput(name: string, shape: readonly number[], dtype: number): OutputMetadata {
    const node = this.nodes.push({ kind: 'input', name, dtype, shape }) - 1;
    return this.#addAbstract({ ref: { node, output: 0 }, shape, dtype });
  }

  /** The graph value of a tensor id; a concrete tensor becomes a constant. */
  valueOf(id: number): ValueRef {
    const abstract = this.#abstract.get(id);
    if (abstract) return abstract.ref;
    const concrete = this.#concreteOf(id, 'an output');
    concrete.node ??= this.#addConstant(concrete);
    return { node: concrete.node, output: 0 };
  }

  /** Frees the real tensors that the step deleted while it was recorded. */
  finish(): void {
    for (const id of this.#deleted) this.#real.deleteTensor(id);
    this.#deleted.length = 0;
  }

  #addAbstract(value: AbstractValue): OutputMetadata {
    const id = this.#nextId--;
    this.#abstract.set(id, value);
    return { id, shape: [...value.shape], dtype: value.dtype };
  }

  #createTensor(shape: number[], dtype: number, values: TypedArray): number {
    if (values.length > maxFoldedElements && isUniform(values)) return this.#addFill(shape, dtype, values);
    const id = this.#real.createTensor(shape, dtype, values);
    if (values.length <= maxConstantElements)
      this.#concrete.set(id, { shape: [...shape], dtype, data: values.slice(), node: null });
    return id;
  }

  #addFill(shape: number[], dtype: number, values: TypedArray): number {
    const dims = this.#createTensor([shape.length], 3, Int32Array.from(shape));
    const value = this.#createTensor([], dtype, values.slice(0, 1));
    const attributes = [
      { name: 'T', type: 4, value: dtype },
      { name: 'index_type', type: 4, value: 3 },
    ];
    const [filled] = this.#executeOp('Fill', attributes, [dims, value], 1);
    this.#deleted.push(dims, value);
    return (filled as OutputMetadata).id;
  }

  #deleteTensor(id: number): void {
    if (id >= 0) this.#deleted.push(id);
  }

  #read(id: number): TypedArray {
    if (id >= 0) return this.#real.tensorDataSync(id);
    throw new AppError(
      'STEP_NOT_PURE',
      'the step read the value of a tensor while it was recorded; return it as an output instead',
    );
  }

  #concreteOf(id: number, where: string): ConcreteValue {
    const known = this.#concrete.get(id);
    if (known) return known;
    throw new AppError(
      'STEP_NOT_PURE',
      `${where} uses a tensor that is neither an input of the step nor small and made inside it`,
    );
  }

  /** Equal constants are one node, so that equal operations on them are recognised. */
  #addConstant({ dtype, shape, data }: ConcreteValue): number {
    const key = `${dtype}[${shape}]${Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64')}`;
    const known = this.#constants.get(key);
    if (known !== undefined) return known;
    const node = this.nodes.push({ kind: 'constant', value: { dtype, shape, data } }) - 1;
    this.#constants.set(key, node);
    return node;
  }

  #executeOp(op: string, attributes: OpAttribute[], ids: number[], outputs: number): OutputMetadata[] {
    if (ids.every((id) => id >= 0)) {
      const folded = this.#tryFold(op, attributes, ids, outputs);
      if (folded) return folded;
    }
    const inputs = ids.map((id) => {
      const abstract = this.#abstract.get(id);
      if (abstract) return { shape: abstract.shape, dtype: abstract.dtype, realId: null, valueKey: '' };
      const { shape, dtype, data } = this.#concreteOf(id, op);
      const valueKey = data.length <= maxFoldedElements ? `{${data}}` : '';
      return { shape, dtype, realId: id, valueKey };
    });
    const refs = ids.map((id) => this.valueOf(id));
    const key = `${op}|${JSON.stringify(attributes)}|${refs.map(({ node, output }) => `${node}:${output}`)}`;
    let values = this.#known.get(key);
    if (!values) {
      const shapes = abstractOutputs(this.#real, op, attributes, inputs, outputs);
      const inputTypes = inputs.map((input) => input.dtype);
      const outputShapes = shapes.map(({ shape }) => shape);
      const node = this.nodes.push({ kind: 'op', op, attributes, inputs: refs, inputTypes, outputShapes }) - 1;
      values = shapes.map(({ shape, dtype }, output) => ({ ref: { node, output }, shape, dtype }));
      this.#known.set(key, values);
    }
    return values.map((value) => this.#addAbstract(value));
  }

  /** Runs an operation with known inputs and keeps its results as known values when they are small. */
  #tryFold(op: string, attributes: OpAttribute[], ids: number[], outputs: number): OutputMetadata[] | null {
    const results = this.#real.executeOp(op, attributes, ids, outputs);
    if (results.every((result) => sizeOf(result.shape) <= maxFoldedElements)) {
      for (const { id, shape, dtype } of results) {
        this.#concrete.set(id, { shape, dtype, data: this.#real.tensorDataSync(id).slice(), node: null });
      }
      return results;
    }
    for (const { id } of results) this.#real.deleteTensor(id);
    return null;
  }
}

function isUniform(values: TypedArray): boolean {
  const first = values[0];
  return values.every((value) => Object.is(value, first));
}

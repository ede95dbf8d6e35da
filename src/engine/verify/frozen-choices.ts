/**
 * Repeats a computation with the branches that its first run took.
 *
 * A piecewise-linear operation selects a branch for every element: the side of zero (Relu), the largest of several values (MaxPool). The derivative
 * of a network is that of its current branches, but a difference that crosses to other branches includes the jumps between them. Displaced runs
 * therefore use the branches of the base run: a step calls the same operations in the same order for all inputs, and the k-th selecting operation of
 * a displaced run is replaced by its frozen form (frozen-operations.ts) with the inputs of the k-th one of the base run.
 *
 * This is done below tfjs' kernels, for the operations that reach TensorFlow, so that it includes forward and backward passes, executed or recorded.
 */
import { AppError } from '../../errors.ts';
import { type OutputMetadata, type TensorFlowBinding, tensorFlowBackend } from '../graph/binding.ts';
import { type BaseCall, type FrozenOperation, frozenOperations, type OperationCall } from './frozen-operations.ts';

const frozenForms = new Map<string, FrozenOperation>(Object.entries(frozenOperations));

/** `real` with some members replaced. The Proxy has an empty target, because the properties of the real binding are read-only. */
function overlay(real: TensorFlowBinding, overrides: Partial<TensorFlowBinding>): TensorFlowBinding {
  return new Proxy({} as TensorFlowBinding, {
    get: (_, property) => Reflect.get(overrides, property) ?? Reflect.get(real, property),
  });
}

class Choices {
  readonly #real: TensorFlowBinding;
  readonly #calls: BaseCall[] = [];
  /** Tensors from which branches are selected; they are kept after the base run. */
  readonly #needed = new Set<number>();
  readonly #deletedLater: number[] = [];

  constructor(real: TensorFlowBinding) {
    this.#real = real;
  }

  /** A binding that records every selecting operation. */
  noting(): TensorFlowBinding {
    return overlay(this.#real, {
      deleteTensor: (id) => this.#delete(id),
      executeOp: (op, attributes, inputs, outputs) => {
        const results = this.#real.executeOp(op, attributes, inputs, outputs);
        if (frozenForms.has(op)) this.#note({ op, inputs: [...inputs], output: (results[0] as OutputMetadata).id });
        return results;
      },
    });
  }

  /** A binding that replaces every selecting operation, from the first one on, by its frozen form. */
  freezing(): TensorFlowBinding {
    let position = 0;
    return overlay(this.#real, {
      deleteTensor: (id) => this.#delete(id),
      executeOp: (op, attributes, inputs, outputs) => {
        const frozen = frozenForms.get(op);
        if (!frozen) return this.#real.executeOp(op, attributes, inputs, outputs);
        const base = this.#calls[position++];
        if (base?.op !== op)
          throw new AppError(
            'INTERNAL',
            `the displaced run does ${op} where the base run did ${base?.op ?? 'no more'}`,
          );
        return [this.#emitFrozen(frozen, { attributes, inputs, base })];
      },
    });
  }

  release(): void {
    for (const id of this.#deletedLater) this.#real.deleteTensor(id);
  }

  #note(call: BaseCall): void {
    this.#calls.push(call);
    for (const id of [...call.inputs, call.output]) this.#needed.add(id);
  }

  #delete(id: number): void {
    if (this.#needed.has(id)) this.#deletedLater.push(id);
    else this.#real.deleteTensor(id);
  }

  /** Runs a frozen form and frees its intermediate tensors. */
  #emitFrozen(frozen: FrozenOperation, call: OperationCall): OutputMetadata {
    const made: number[] = [];
    const track = (id: number) => {
      made.push(id);
      return id;
    };
    const emit = (op: string, inputs: readonly number[], attributes: OperationCall['attributes']) => {
      const [result] = this.#real.executeOp(op, [...attributes], [...inputs], 1) as [OutputMetadata];
      track(result.id);
      return result;
    };
    const constant = (value: number) => track(this.#real.createTensor([], 1, Float32Array.of(value)));
    const result = frozen(call, emit, constant);
    for (const id of made) if (id !== result.id) this.#real.deleteTensor(id);
    return result;
  }
}

/**
 * Runs `base`, then each of `others` with the branches of `base`. All must call the same operations in the same order.
 *
 * @returns the results of `others`
 * Throws BACKEND_UNAVAILABLE on backends other than TensorFlow's.
 */
export function withChoicesOf<T>(base: () => unknown, others: readonly (() => T)[]): T[] {
  const backend = tensorFlowBackend();
  const real = backend.binding;
  const choices = new Choices(real);
  try {
    backend.binding = choices.noting();
    base();
    return others.map((other) => {
      backend.binding = choices.freezing();
      return other();
    });
  } finally {
    backend.binding = real;
    choices.release();
  }
}

/** The arguments of an operation: tensors of the network and constants that the topology carries, by the names of its parameters. */
import type { NDArray } from '../../ndarray.ts';
import { sizeOf } from '../../ndarray.ts';
import { misfit } from '../layers/misfit.ts';

/** One argument; several with one name make a list. `input` is a position among the inputs of the node. */
export type Operand =
  | { readonly name: string; readonly input: number }
  | { readonly name: string; readonly constant: NDArray<'float32'> };

/** Arguments by name, each as a shape or a tensor. */
export class Operands<T> {
  readonly #entries: readonly (readonly [string, T])[];

  constructor(entries: readonly (readonly [string, T])[]) {
    this.#entries = entries;
  }

  /** All arguments of that name, in order. */
  all(name: string): readonly T[] {
    return this.#entries.filter(([key]) => key === name).map(([, value]) => value);
  }

  maybe(name: string): T | undefined {
    return this.all(name)[0];
  }

  one(name: string): T {
    return this.maybe(name) ?? misfit(`${name} is missing`);
  }
}

/** The arguments of a node, each turned into what `ofInput` or `ofConstant` gives. */
export function mapOperands<T, U>(
  operands: readonly Operand[],
  inputs: readonly U[],
  ofInput: (input: U) => T,
  ofConstant: (constant: NDArray<'float32'>) => T,
): Operands<T> {
  return new Operands(
    operands.map((operand) => [
      operand.name,
      'input' in operand ? ofInput(inputs[operand.input] as U) : ofConstant(operand.constant),
    ]),
  );
}

/** The operands of a node's call arguments; a bare application passes its inputs as x1, x2 ... or x. */
export const operandsOf = (call: Readonly<Record<string, unknown>> | undefined): readonly Operand[] =>
  (call?.operands as readonly Operand[] | undefined) ?? [];

/** The only number of a constant of one element. */
export const scalarOf = ({ shape, data }: NDArray<'float32'>): number | undefined =>
  sizeOf(shape) === 1 ? data[0] : undefined;

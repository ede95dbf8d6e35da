/** The arguments of one operation, with references resolved: typed access, and a refusal that names the argument. */
import { AppError } from '../../../errors.ts';
import type { Dtype } from '../../../topology/operation-graph/graph.ts';
import type { Tensor } from '../../tf.ts';
import type { ForwardContext } from '../layer-forward.ts';
import { Value } from './value.ts';

export type Resolved = null | boolean | number | string | Value | { readonly dtype: Dtype } | readonly Resolved[];

/** What an operation gives: one result, or a list for operations with several. */
export type Result = Value | number | Value[];

export interface Operands {
  value(name: string): Value;
  /** Undefined for None. */
  maybe(name: string): Value | undefined;
  /** A value or a number. */
  operand(name: string): Value | number;
  tensor(name: string): Tensor;
  values(name: string): Value[];
  list(name: string): readonly Resolved[];
  int(name: string): number;
  maybeInt(name: string): number | undefined;
  number(name: string): number;
  maybeNumber(name: string): number | undefined;
  /** A number becomes a list of one. Undefined for None. */
  ints(name: string): number[] | undefined;
  floats(name: string): number[] | undefined;
  flag(name: string): boolean;
  text(name: string): string;
  /** Undefined for what is no text. */
  maybeText(name: string): string | undefined;
  dtype(name: string): Dtype | undefined;
  has(name: string): boolean;
  fail(problem: string): never;
}

export type Operation = (args: Operands, context: ForwardContext) => Result | readonly (Value | Value[])[];

export type Operations = Readonly<Record<string, Operation>>;

export function createOperands(op: string, args: Readonly<Record<string, Resolved>>): Operands {
  const fail = (problem: string): never => {
    throw new AppError('LAYER_INVALID', problem);
  };
  const wrong = (name: string, what: string): never => fail(`its argument ${name} must be ${what}`);
  const raw = (name: string): Resolved => (Object.hasOwn(args, name) ? (args[name] ?? null) : null);
  const int = (name: string): number => {
    const value = raw(name);
    if (typeof value === 'boolean') return Number(value);
    return typeof value === 'number' && Number.isInteger(value) ? value : wrong(name, 'a whole number');
  };
  const number = (name: string): number => {
    const value = raw(name);
    if (typeof value === 'boolean') return Number(value);
    return typeof value === 'number' ? value : wrong(name, 'a number');
  };
  const numbers = (name: string): number[] | undefined => {
    const value = raw(name);
    if (value === null) return undefined;
    if (typeof value === 'number') return [value];
    if (Array.isArray(value) && value.every((entry) => typeof entry === 'number')) return [...value] as number[];
    return wrong(name, 'a list of numbers');
  };
  const value = (name: string): Value => {
    const found = raw(name);
    return found instanceof Value ? found : wrong(name, `a tensor (${op})`);
  };
  return {
    value,
    maybe: (name) => (raw(name) === null ? undefined : value(name)),
    operand(name) {
      const found = raw(name);
      if (found instanceof Value || typeof found === 'number') return found;
      return typeof found === 'boolean' ? Number(found) : wrong(name, 'a tensor or a number');
    },
    tensor: (name) => value(name).tensor,
    values(name) {
      const list = raw(name);
      if (Array.isArray(list) && list.every((entry) => entry instanceof Value)) return [...list] as Value[];
      return wrong(name, 'a list of tensors');
    },
    list(name) {
      const list = raw(name);
      return Array.isArray(list) ? (list as readonly Resolved[]) : wrong(name, 'a list');
    },
    int,
    maybeInt: (name) => (raw(name) === null ? undefined : int(name)),
    number,
    maybeNumber: (name) => (raw(name) === null ? undefined : number(name)),
    ints: numbers,
    floats: numbers,
    flag: (name) => raw(name) === true,
    text(name) {
      const found = raw(name);
      return typeof found === 'string' ? found : wrong(name, 'a text');
    },
    maybeText(name) {
      const found = raw(name);
      return typeof found === 'string' ? found : undefined;
    },
    dtype(name) {
      const found = raw(name);
      return typeof found === 'object' && found !== null && 'dtype' in found && !(found instanceof Value)
        ? (found as { dtype: Dtype }).dtype
        : undefined;
    },
    has: (name) => raw(name) !== null,
    fail,
  };
}

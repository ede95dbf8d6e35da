/**
 * What the catalogue knows of an operation: its attributes, its arguments and the shape of its result.
 *
 * An operation stands in a topology as a layer without parameters whose class is `operation:NAME`; its arguments are in `Node.call.operands`.
 */
import type { ConfigReader } from '../config-reader.ts';
import type { LayerSpec } from '../layer-spec.ts';
import { misfit } from '../layers/misfit.ts';
import type { Shape } from '../topology.ts';
import { type Extents, withBatch, withoutBatch } from './extents.ts';
import { mapOperands, type Operands, operandsOf } from './operands.ts';

export interface OperationSpec<A = never> {
  /** Names of the arguments that are tensors or constants, in the order of Keras' signature; the rest are attributes. */
  readonly operands: readonly string[];
  /** Reads and checks the attributes; every error names the operation and the key. */
  parse(attributes: ConfigReader): A;
  /** Shapes have their batch axis. Throws LAYER_INVALID when the arguments do not fit. */
  shape(attributes: A, operands: Operands<Extents>): Extents;
  /** Of the results after the first, for operations that have several. */
  furtherShapes?(attributes: A, operands: Operands<Extents>): readonly Extents[];
}

export const operationClass = (name: string): string => `operation:${name}`;

/** The operation as a layer class. */
export function asLayerSpec<A>(name: string, spec: OperationSpec<A>): LayerSpec<A> {
  const shapesOf = (inputs: readonly Shape[], call: Readonly<Record<string, unknown>> | undefined) =>
    mapOperands<Extents, Shape>(operandsOf(call), inputs, withBatch, ({ shape }) => shape);
  return {
    classNames: [operationClass(name)],
    parse: (config) => spec.parse(config),
    params: () => [],
    outputShape: (attributes, inputs, call) => withoutBatch(spec.shape(attributes, shapesOf(inputs, call))),
    furtherShapes: (attributes, inputs, call) =>
      (spec.furtherShapes?.(attributes, shapesOf(inputs, call)) ?? []).map(withoutBatch),
  };
}

/** Reads one axis; `fallback` where it is absent. */
export function readAxisNumber(config: ConfigReader, key: string, fallback: number): number {
  return config.integer(key, fallback, { min: -16, max: 16 });
}

/** One axis, a list of them, or null for all. */
export function readAxisList(config: ConfigReader, key = 'axis'): readonly number[] | null {
  const value = config.raw(key) ?? null;
  if (value === null) return null;
  const list = Array.isArray(value) ? value : [value];
  return list.every((axis) => Number.isSafeInteger(axis))
    ? (list as number[])
    : config.fail(key, 'must be an axis or a list of axes');
}

/** A list of whole numbers. */
export function readIntegers(config: ConfigReader, key: string): number[] {
  const value = config.raw(key);
  const list = Array.isArray(value) ? value : [value];
  return list.every((entry) => Number.isSafeInteger(entry))
    ? (list as number[])
    : config.fail(key, 'must be a whole number or a list of them');
}

/** Throws LAYER_INVALID unless `count` arguments have the name. */
export function atLeast<T>(list: readonly T[], count: number, name: string): readonly T[] {
  return list.length >= count ? list : misfit(`${name} must be at least ${count} tensors, got ${list.length}`);
}

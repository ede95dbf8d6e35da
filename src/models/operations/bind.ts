/** Assigns the arguments of an operation's call (positional, by keyword, or from its configuration) to the names of its signature. */
import { isJsonObject, type Json, type JsonObject, show } from '../../json.ts';
import { type NDArray, ndarray, sizeOf } from '../../ndarray.ts';
import type { Operand } from '../../topology/operations/operands.ts';
import type { RawRef } from '../../topology/raw-model.ts';

export type Fail = (problem: string) => never;

/** Reads a tensor of the network; undefined for anything else. */
export type ReadTensor = (value: Json) => RawRef | undefined;

export interface Bound {
  /** The arguments that are tensors or constants. */
  readonly operands: readonly Operand[];
  /** The tensors of the network that the operands refer to by index. */
  readonly inputs: readonly RawRef[];
  /** All other arguments, by name. */
  readonly attributes: JsonObject;
}

/** Entries of a configuration that are not arguments. */
const notArguments: ReadonlySet<string> = new Set(['name', 'trainable', 'dtype', 'function', 'layout', 'symbol']);

/** Most elements of a constant; enough for position tables, not meant for weights. */
const maxConstantElements = 2 ** 24;

function shapeOf(value: Json, fail: Fail): number[] {
  if (!Array.isArray(value)) return [];
  const [first = fail('has an empty constant')] = value;
  return [value.length, ...shapeOf(first, fail)];
}

function fill(value: Json, [extent, ...rest]: readonly number[], into: number[], fail: Fail): void {
  if (extent === undefined) {
    if (typeof value === 'boolean') into.push(Number(value));
    else if (typeof value === 'number' && Number.isFinite(value)) into.push(value);
    else fail(`has the constant ${show(value)}, which is no number`);
  } else if (!Array.isArray(value) || value.length !== extent) fail('has a constant whose rows differ in length');
  else for (const entry of value) fill(entry, rest, into, fail);
}

/** A number, a list of numbers or Keras 3's `__tensor__`; undefined for anything else. */
function readConstant(value: Json, fail: Fail): NDArray<'float32'> | undefined {
  const plain =
    isJsonObject(value) && /^__(tensor|numpy)__$/.test(String(value.class_name))
      ? (value.config as JsonObject).value
      : value;
  const isNumber = typeof plain === 'number' || typeof plain === 'boolean';
  if (!isNumber && !Array.isArray(plain)) return undefined;
  const shape = shapeOf(plain as Json, fail);
  if (sizeOf(shape) > maxConstantElements)
    return fail(`has a constant of [${shape}], more than ${maxConstantElements} numbers`);
  const data: number[] = [];
  fill(plain as Json, shape, data, fail);
  return ndarray('float32', shape, Float32Array.from(data));
}

/** The arguments by name: positional ones first, then keywords, then the configuration. A duplicate argument is refused. */
export function nameArguments(
  signature: readonly string[],
  args: readonly Json[],
  kwargs: JsonObject,
  config: JsonObject,
  fail: Fail,
): Map<string, Json> {
  const named = new Map<string, Json>();
  const put = (name: string, value: Json) => {
    if (named.has(name) && JSON.stringify(named.get(name)) !== JSON.stringify(value))
      fail(`is called with ${name} twice`);
    named.set(name, value);
  };
  for (const [position, value] of args.entries())
    put(signature[position] ?? fail(`is called with ${args.length} arguments`), value);
  for (const [name, value] of Object.entries(kwargs)) if (name !== 'name') put(name, value);
  for (const [name, value] of Object.entries(config)) {
    const isArgument = !notArguments.has(name) || signature.includes(name);
    if (isArgument && !named.has(name)) put(name, value);
  }
  return named;
}

/** Splits arguments into operands and attributes. `operandNames` are those of the operation's specification. */
export function bindArguments(
  named: ReadonlyMap<string, Json>,
  operandNames: readonly string[],
  readTensor: ReadTensor,
  fail: Fail,
): Bound {
  const operands: Operand[] = [];
  const inputs: RawRef[] = [];
  const attributes: JsonObject = {};
  const addOperand = (name: string, value: Json): void => {
    const ref = readTensor(value);
    const constant = ref ? undefined : readConstant(value, fail);
    if (ref) operands.push({ name, input: inputs.push(ref) - 1 });
    else if (constant) operands.push({ name, constant });
    else fail(`is called with ${name} = ${show(value)}, which is neither a tensor nor numbers`);
  };
  const holdsTensor = (value: Json) => Array.isArray(value) && value.some((entry) => readTensor(entry) !== undefined);
  for (const [name, value] of named) {
    if (!operandNames.includes(name)) {
      if (readTensor(value) || holdsTensor(value)) fail(`is called with a tensor as ${name}, which is not supported`);
      attributes[name] = value;
    } else if (value === null) continue;
    else if (holdsTensor(value)) for (const entry of value as Json[]) addOperand(name, entry);
    else addOperand(name, value);
  }
  return inputs.length > 0 ? { operands, inputs, attributes } : fail('is called without a tensor of the network');
}

/** Reads one call of an operation: as the stock layer that computes the same, or as an operation of the catalogue. */
import { isJsonObject, type Json, type JsonObject } from '../../json.ts';
import { operationSpecs } from '../../topology/operations/index.ts';
import { operationClass } from '../../topology/operations/operation-spec.ts';
import type { RawCall } from '../../topology/raw-model.ts';
import { layerForms } from './as-layer.ts';
import { type Bound, bindArguments, type Fail, nameArguments, type ReadTensor } from './bind.ts';
import type { Signature } from './keras3-signatures.ts';

export interface OperationCall {
  readonly args: readonly Json[];
  readonly kwargs: JsonObject;
  readonly config: JsonObject;
}

export interface ReadOperation {
  readonly className: string;
  readonly config: JsonObject;
  readonly call: RawCall;
}

/** How a format writes tensors. */
export interface TensorReader {
  readonly read: ReadTensor;
  /** Rank of a tensor, batch axis included, where the topology states it. */
  readonly rankOf: (value: Json) => number | undefined;
}

const specs: Readonly<Record<string, { readonly operands: readonly string[] }>> = operationSpecs;

/** Renames arguments, and checks those with a single accepted value. */
function settle(
  named: ReadonlyMap<string, Json>,
  { renames = {}, fixed = {} }: Signature,
  fail: Fail,
): Map<string, Json> {
  const settled = new Map<string, Json>();
  for (const [given, value] of named) {
    const name = renames[given] ?? given;
    if (Object.hasOwn(fixed, name)) {
      const only = fixed[name];
      if (value !== null && JSON.stringify(value) !== JSON.stringify(only))
        fail(`is called with ${name} = ${JSON.stringify(value)}, which is not supported`);
    } else if (name !== 'dtype') settled.set(name, value);
  }
  return settled;
}

/** Every tensor among the arguments, in their order. */
function tensorsOf(value: Json, read: ReadTensor): Json[] {
  if (read(value)) return [value];
  return Array.isArray(value) ? value.flatMap((entry) => tensorsOf(entry, read)) : [];
}

/** Calls `fail` for an argument that is neither a tensor, nor a number, nor an attribute of the operation. */
export function readOperation(
  signature: Signature,
  { args, kwargs, config }: OperationCall,
  tensors: TensorReader,
  fail: Fail,
): ReadOperation {
  const isGelu = signature.operation === 'gelu_tensorflow';
  const operation = isGelu ? 'gelu' : signature.operation;
  // einsum takes its operands as separate arguments, which are joined to a list.
  const isVariadic = signature.arguments.includes('operands');
  const place = signature.arguments.indexOf('operands');
  const positional = isVariadic && args.length > place ? [...args.slice(0, place), args.slice(place) as Json] : args;
  const raw = nameArguments(signature.arguments, positional, kwargs, config, fail);
  const named = settle(raw, signature, fail);
  if (isGelu && !named.has('approximate')) named.set('approximate', false);
  const operandNames = specs[operation]?.operands ?? ['x'];
  const bound: Bound = bindArguments(named, operandNames, tensors.read, fail);
  const ranks = [...named].flatMap(([, value]) => tensorsOf(value, tensors.read)).map(tensors.rankOf);
  const form = layerForms.get(operation)?.({ ...bound, ranks });
  if (form) return { ...form, call: { inputs: bound.inputs, call: { asOperation: true } } };
  if (!Object.hasOwn(specs, operation))
    return fail('is an operation that is not supported; express it with stock layers');
  return {
    className: operationClass(operation),
    config: bound.attributes,
    call: { inputs: bound.inputs, call: { operands: bound.operands } },
  };
}

/** The arguments of a Keras 3 call, { args, kwargs }. */
export function keras3Arguments(node: Json, fail: Fail): Pick<OperationCall, 'args' | 'kwargs'> {
  const args = isJsonObject(node) ? (node.args ?? []) : fail('inbound_nodes must hold objects with args and kwargs');
  const kwargs = isJsonObject(node) ? (node.kwargs ?? {}) : {};
  if (!Array.isArray(args) || !isJsonObject(kwargs)) return fail('args must be a list and kwargs an object');
  return { args, kwargs };
}

/** The arguments of a Keras 2 call, [[layer, call, output, kwargs]]; where the first argument is a list of tensors, a list of such lists. */
export function keras2Arguments(node: Json, fail: Fail): Pick<OperationCall, 'args' | 'kwargs'> {
  const entries = Array.isArray(node)
    ? typeof node[0] === 'string'
      ? [node]
      : node
    : fail('inbound_nodes must hold lists');
  const last = (entries[0] as Json[] | undefined)?.[3] ?? {};
  const refs = entries.map((entry): Json => (entry as Json[]).slice(0, 3));
  // Keras writes "_CONSTANT_VALUE" as the layer's name where the first argument is not a tensor.
  const isConstant = refs.length === 1 && (refs[0] as Json[])[0] === '_CONSTANT_VALUE';
  const first = isConstant ? ((refs[0] as Json[])[2] as Json) : refs.length === 1 ? (refs[0] as Json) : refs;
  return { args: [first], kwargs: isJsonObject(last) ? last : fail('call arguments must be an object') };
}

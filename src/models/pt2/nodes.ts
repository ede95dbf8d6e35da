/** Nodes of torch.export's graph as operations with named arguments; names of overloads are taken off where one function serves them all. */
import { isJsonObject, type Json } from '../../json.ts';
import { placeOf } from '../../topology/operation-graph/bind.ts';
import type { Argument, GraphNode } from '../../topology/operation-graph/graph.ts';
import { signatures } from '../../topology/operation-graph/signatures/index.ts';
import { canonicalArguments, canonicalName, isCopyName } from './aliases.ts';
import { malformed } from './archive.ts';
import { listOf, objectOf, textOf, typeOf, unionOf } from './schema.ts';

/** A node before views and changes in place are resolved. */
export interface RawNode extends GraphNode {
  /** The operation changes its first argument. */
  readonly isInPlace: boolean;
  /** The result has memory of its own although the operation gives a view. */
  readonly isCopy: boolean;
  /** A graph inside of the node, and the names of what is handed to it. */
  readonly inner?: { readonly graph: Json; readonly operands: readonly Argument[] };
}

interface Target extends Pick<RawNode, 'op' | 'isInPlace' | 'isCopy'> {
  /** As the file has it, without the mark of a change in place. */
  readonly name: string;
}

/** 'torch.ops.aten.add_.Tensor' -> the operation 'add', in place. */
function readTarget(target: string): Target {
  const plain = { isInPlace: false, isCopy: false };
  const scalar = /^(?:_operator|math|builtins)\.(\w+)$/.exec(target) ?? /^torch\.sym_(\w+)$/.exec(target);
  if (scalar) return { ...plain, op: `scalar.${scalar[1]}`, name: target };
  const [, space = '', name = '', overload = ''] = /^torch\.ops\.(\w+)\.(\w+)(?:\.(\w+))?$/.exec(target) ?? [];
  if (space !== 'aten' && space !== 'prims') return { ...plain, op: name === '' ? target : name, name };
  if (overload === 'out') return { ...plain, op: canonicalName(name), name, isInPlace: true };
  const isInPlace = /[^_]_$/.test(name) && !signatures.has(name);
  const written = isInPlace ? (functional.get(name) ?? name.slice(0, -1)) : name;
  const base = canonicalName(written);
  const op = signatures.has(`${base}.${overload}`) ? `${base}.${overload}` : base;
  return { op, name: written, isInPlace, isCopy: isCopyName(name) };
}

const functional = new Map([['zero_', 'zeros_like']]);

/** A number; what JSON cannot hold is written as a text. */
const numberOf = (value: Json): Argument =>
  value === 'Infinity' || value === '-Infinity' || value === 'NaN' ? { number: value } : (value as number);

/** Members of a list of numbers and symbols. */
function symbolic(value: Json, what: string): Argument {
  const [kind, content] = unionOf(value, what);
  if (kind === 'as_name') return { ref: textOf(content, what) };
  return numberOf(content) ?? malformed(`${what}: ${kind} is not read`);
}

const nameOf = (value: Json, what: string): Argument => ({ ref: textOf(objectOf(value, what).name, what) });

function optional(value: Json, what: string): Argument {
  const [kind, content] = unionOf(value, what);
  return kind === 'as_none' ? null : nameOf(content, what);
}

const readers: Readonly<Record<string, (content: Json, what: string) => Argument>> = {
  as_tensor: nameOf,
  as_tensors: (list, what) => listOf(list, what).map((entry) => nameOf(entry, what)),
  as_optional_tensor: optional,
  as_optional_tensors: (list, what) => listOf(list, what).map((entry) => optional(entry, what)),
  as_none: () => null,
  as_int: (value) => numberOf(value),
  as_float: (value) => numberOf(value),
  as_bool: (value) => value === true,
  as_string: (value, what) => textOf(value, what),
  as_ints: (list, what) => listOf(list, what).map(numberOf),
  as_floats: (list, what) => listOf(list, what).map(numberOf),
  as_bools: (list, what) => listOf(list, what).map((value) => value === true),
  as_sym_int: symbolic,
  as_sym_float: symbolic,
  as_sym_bool: symbolic,
  as_sym_ints: (list, what) => listOf(list, what).map((entry) => symbolic(entry, what)),
  as_scalar_type: (value, what) => {
    const type = typeOf(value);
    return type ? { dtype: type.dtype } : malformed(`${what}: complex and quantised numbers are not read`);
  },
  as_memory_format: () => null,
  as_layout: () => null,
  as_device: () => null,
};

export function readArgument(value: Json | undefined, what: string): Argument {
  const [kind, content] = unionOf(value, what);
  const read = Object.hasOwn(readers, kind) ? readers[kind] : undefined;
  return read ? read(content, what) : malformed(`${what}: ${kind} is not read`);
}

/** Names of results: a tensor, a number, or a list of tensors. */
function outputOf(value: Json, what: string): GraphNode['outputs'][number] {
  const [kind, content] = unionOf(value, what);
  if (kind === 'as_none') return null;
  if (kind === 'as_tensors') return listOf(content, what).map((entry) => textOf(objectOf(entry, what).name, what));
  if (/^as_sym/.test(kind)) return textOf(unionOf(content, what)[1], what);
  return textOf(objectOf(content, what).name, what);
}

/** 'L__self__,,M;L__self___layer1,layer1,Sequential' -> 'layer1': paths of modules, nothing of the user's machine. */
function moduleOf(metadata: Json | undefined): string {
  const stack = isJsonObject(metadata) ? metadata.nn_module_stack : undefined;
  const last = typeof stack === 'string' ? stack.split(';').at(-1) : undefined;
  return last?.split(',')[1] ?? '';
}

/** What dropout in place calls its first argument. */
const firstNames = new Map([
  ['dropout', 'input'],
  ['feature_dropout', 'input'],
  ['alpha_dropout', 'input'],
]);

export function readNode(json: Json): RawNode {
  const entry = objectOf(json, 'a node');
  const target = readTarget(textOf(entry.target, 'the target of a node'));
  const { op, isInPlace, isCopy } = target;
  const outputs = listOf(entry.outputs, 'the outputs of a node').map((output) => outputOf(output, 'an output'));
  const [first] = outputs;
  const name = typeof entry.name === 'string' ? entry.name : typeof first === 'string' ? first : op;
  const module = moduleOf(entry.metadata);
  const what = placeOf({ op, name, module });
  const inputs = listOf(entry.inputs, `${what}: inputs`).map((input) => objectOf(input, what));
  const graph = inputs
    .map(({ arg }) => (isJsonObject(arg) ? arg.as_graph : undefined))
    .find((found) => found !== undefined);
  if (graph !== undefined) {
    const at = inputs.findIndex(({ arg }) => isJsonObject(arg) && arg.as_graph !== undefined);
    const operands = inputs.slice(at + 1).map(({ arg }) => readArgument(arg, what));
    const settings = inputs.slice(0, at).map(({ arg }) => readArgument(arg, what));
    const args = Object.fromEntries(settings.map((value, index) => [`setting${index}`, value]));
    return { op, name, module, args, outputs, isInPlace, isCopy, inner: { graph, operands } };
  }
  const args: Record<string, Argument> = {};
  inputs.forEach(({ name: given, arg }, index) => {
    const own = typeof given === 'string' && given !== '' ? given : (['a', 'b', 'c'][index] ?? `${index}`);
    const renamedTo = isInPlace && own === 'self' ? firstNames.get(op) : undefined;
    args[renamedTo ?? (op.startsWith('scalar.') ? (['a', 'b'][index] ?? own) : own)] = readArgument(
      arg,
      `${what}: ${own}`,
    );
  });
  return { op, name, module, args: canonicalArguments(target.name, args), outputs, isInPlace, isCopy };
}

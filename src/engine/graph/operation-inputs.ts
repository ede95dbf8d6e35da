/**
 * Infers the attributes that an operation's inputs determine: element types, counts and lists of types.
 *
 * Eager execution infers them, so that tfjs' kernels omit many; a graph must contain all of them. The table is generated from TensorFlow's registry
 * of operations, with one word per input:
 *
 *   T      one tensor, whose type is the attribute T
 *   N*T    N tensors of the type T (`N*-`: of a fixed type)
 *   [T]    tensors whose types are the list T
 *   -      one tensor of a fixed type
 */
import { AppError } from '../../errors.ts';
import { attributeTypes, type OpAttribute } from './binding.ts';
import { operationsBySignature } from './operation-inputs.generated.ts';

interface Argument {
  /** The attribute with the type, or with the list of types; null where the type is fixed. */
  readonly type: string | null;
  /** The attribute with the number of tensors; null for one tensor and for a list. */
  readonly count: string | null;
  readonly isList: boolean;
}

function parseArgument(word: string): Argument {
  if (word.startsWith('[')) return { type: word.slice(1, -1), count: null, isList: true };
  const [count, type] = word.includes('*') ? (word.split('*') as [string, string]) : [null, word];
  return { type: type === '-' ? null : type, count, isList: false };
}

const argumentsByOperation = new Map<string, readonly Argument[]>(
  Object.entries(operationsBySignature).flatMap(([signature, names]) => {
    const parsed = signature.split(' ').map(parseArgument);
    return names.split(' ').map((name): [string, readonly Argument[]] => [name, parsed]);
  }),
);

const isVariable = ({ count, isList }: Argument) => isList || count !== null;

/** The number of tensors of each argument: given by attributes; the remaining tensors belong to the argument without a known number. */
function countTensors(
  op: string,
  parsed: readonly Argument[],
  given: ReadonlyMap<string, unknown>,
  total: number,
): number[] {
  const counts = parsed.map((argument) => {
    if (!isVariable(argument)) return 1;
    const value = given.get((argument.isList ? argument.type : argument.count) ?? '');
    return Array.isArray(value) ? value.length : typeof value === 'number' ? value : null;
  });
  const open = counts.filter((count) => count === null).length;
  const rest = total - counts.reduce<number>((sum, count) => sum + (count ?? 0), 0);
  if (open > 1 || rest < 0 || (open === 0 && rest !== 0)) {
    throw new AppError(
      'INTERNAL',
      `the operation ${op} was recorded with ${total} inputs, which its attributes do not divide`,
    );
  }
  return counts.map((count) => count ?? rest);
}

/**
 * The attributes that the inputs of an operation determine and that were not given.
 *
 * @param inputTypes TensorFlow's DataType of every input
 */
export function inferredAttributes(
  op: string,
  attributes: readonly OpAttribute[],
  inputTypes: readonly number[],
): OpAttribute[] {
  const parsed = argumentsByOperation.get(op) ?? [];
  const given = new Map(attributes.map(({ name, value }) => [name, value]));
  const inferred = new Map<string, OpAttribute>();
  const add = (name: string | null, type: number, value: unknown) => {
    if (name !== null && !given.has(name) && !inferred.has(name)) inferred.set(name, { name, type, value });
  };
  if (parsed.length === 0) return [];
  let start = 0;
  for (const [index, size] of countTensors(op, parsed, given, inputTypes.length).entries()) {
    const { type, count, isList } = parsed[index] as Argument;
    const types = inputTypes.slice(start, start + size);
    add(count, attributeTypes.int, size);
    if (isList) add(type, attributeTypes.type, types);
    else if (types.length > 0) add(type, attributeTypes.type, types[0]);
    start += size;
  }
  return [...inferred.values()];
}

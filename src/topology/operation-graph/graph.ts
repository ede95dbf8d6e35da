/**
 * A network as a graph of tensor operations: what files that hold no layers (torch.export archives, ONNX) are normalised to.
 *
 * The operations are those of PyTorch's ATen, in functional form: an operation never changes an operand. Shapes carry every axis, the batch included. A
 * front end writes this form; nothing behind it knows where a graph came from.
 */
/** What the engine computes in. Wider integers and floats are read as these. */
export type Dtype = 'float32' | 'int32' | 'bool';

/** An extent: a number, the name of a symbol that the inputs decide, or null where it follows from them in another way. */
export type Extent = number | string | null;

/** A value of the graph: a tensor, a list of tensors or a whole number. */
export interface Reference {
  readonly ref: string;
}

/** What JSON has no number for. */
export interface Unbounded {
  readonly number: 'Infinity' | '-Infinity' | 'NaN';
}

export type Argument =
  | null
  | boolean
  | number
  | string
  | Reference
  | Unbounded
  | { readonly dtype: Dtype }
  | readonly Argument[];

export interface GraphNode {
  /** An operation of ./signatures. */
  readonly op: string;
  /** The name that the file gave it, for messages. */
  readonly name: string;
  /** Path of the module that it belongs to, `layer1.0.conv1`; empty for the outermost. */
  readonly module: string;
  readonly args: Readonly<Record<string, Argument>>;
  /** Names of the results; a list where the operation gives a list of tensors, null where nobody reads one. */
  readonly outputs: readonly (string | readonly string[] | null)[];
}

export interface GraphInput {
  readonly name: string;
  readonly dtype: Dtype;
  /** The batch first. */
  readonly shape: readonly Extent[];
  /** Extents that occur, those of the trace. */
  readonly example: readonly number[];
}

/** A trained parameter, or a buffer that belongs to the state of the model. */
export interface GraphParam {
  /** Under which the framework saves it; of tied ones the first. */
  readonly name: string;
  /** Further names of the same tensor. */
  readonly aliases: readonly string[];
  /** Names by which nodes refer to it. */
  readonly refs: readonly string[];
  readonly shape: readonly number[];
  /** As computed with. */
  readonly dtype: Dtype;
  /** As saved: 'F32', 'BF16', 'I64' ... of safetensors. */
  readonly stored: string;
  readonly isParameter: boolean;
  readonly trainable: boolean;
}

/** A tensor that is part of the computation and of no state: a literal, a mask, a table of positions. */
export interface GraphConstant {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** Its elements, little-endian, deflated (RFC 1951), in base64: 4 bytes a number, 1 a truth value. */
  readonly data: string;
}

export interface OperationGraph {
  readonly name: string;
  /** The tool that wrote it, 'torch.export 2.15.0'. */
  readonly producer: string;
  /** Format of the file, for reports. */
  readonly origin: string;
  /** 'train': normalisations use the statistics of the batch; 'eval': the graph was traced for inference. */
  readonly mode: 'train' | 'eval';
  readonly inputs: readonly GraphInput[];
  readonly params: readonly GraphParam[];
  readonly constants: readonly GraphConstant[];
  readonly nodes: readonly GraphNode[];
  readonly outputs: readonly string[];
  /** Extents of values, as the file states them; a run checks them. */
  readonly shapes: readonly { readonly name: string; readonly shape: readonly Extent[] }[];
  /** Smallest and largest values of the symbols. */
  readonly symbols: readonly { readonly name: string; readonly min: number; readonly max: number | null }[];
  /** Elements of all values of one sample, for estimates of memory. */
  readonly elementsPerSample: number;
  readonly notices: readonly string[];
}

export const isReference = (value: unknown): value is Reference =>
  typeof value === 'object' && value !== null && 'ref' in value;

/** The references of an argument, inside lists too. */
export function referencesOf(argument: Argument): string[] {
  if (isReference(argument)) return [argument.ref];
  return Array.isArray(argument) ? (argument as readonly Argument[]).flatMap(referencesOf) : [];
}

export const outputNames = ({ outputs }: Pick<GraphNode, 'outputs'>): string[] =>
  outputs.flatMap((output) => (output === null ? [] : typeof output === 'string' ? [output] : [...output]));

/** Names of the values that a node reads. */
export const inputNames = ({ args }: Pick<GraphNode, 'args'>): string[] => Object.values(args).flatMap(referencesOf);

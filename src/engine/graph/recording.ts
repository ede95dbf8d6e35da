/** A recorded step: TensorFlow operations in execution order. */
import type { OpAttribute, TypedArray } from './binding.ts';

/** One output of one recorded node. */
export interface ValueRef {
  readonly node: number;
  readonly output: number;
}

export interface ConstantValue {
  readonly dtype: number;
  readonly shape: readonly number[];
  readonly data: TypedArray;
}

export type RecordedNode =
  | { readonly kind: 'input'; readonly name: string; readonly dtype: number; readonly shape: readonly number[] }
  | { readonly kind: 'constant'; readonly value: ConstantValue }
  | {
      readonly kind: 'op';
      readonly op: string;
      readonly attributes: readonly OpAttribute[];
      readonly inputs: readonly ValueRef[];
      /** TensorFlow's DataType of every input, for the type attributes that eager execution infers. */
      readonly inputTypes: readonly number[];
      readonly outputShapes: readonly (readonly number[])[];
    };

export interface Recording {
  readonly nodes: readonly RecordedNode[];
  /** Named inputs in the order in which they are fed. */
  readonly inputs: readonly { readonly name: string; readonly node: number }[];
  readonly outputs: readonly { readonly name: string; readonly value: ValueRef }[];
}

/** Marks the nodes that the inputs and outputs depend on. */
export function reachableNodes({ nodes, inputs, outputs }: Recording): boolean[] {
  const needed = new Array<boolean>(nodes.length).fill(false);
  const stack = [...outputs.map((output) => output.value.node), ...inputs.map((input) => input.node)];
  for (let index = stack.pop(); index !== undefined; index = stack.pop()) {
    if (needed[index]) continue;
    needed[index] = true;
    const node = nodes[index];
    if (node?.kind === 'op') for (const input of node.inputs) stack.push(input.node);
  }
  return needed;
}

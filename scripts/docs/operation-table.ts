/** The table of graph operations: their arguments, and to which order the gradient rules are tested that one call of each needs. */
import { installGradients, provenOrderOf } from '../../src/engine/gradients/index.ts';
import { kernelsOf } from '../../src/engine/gradients/kernel-log.ts';
import { createOperands, type Resolved } from '../../src/engine/network/operation-graph/arguments.ts';
import { graphOperations } from '../../src/engine/network/operation-graph/index.ts';
import { Value } from '../../src/engine/network/operation-graph/value.ts';
import { type Tensor, tf } from '../../src/engine/tf.ts';
import { sizeOf } from '../../src/ndarray.ts';
import { readSignatures, type Signature } from '../../src/topology/operation-graph/signature.ts';
import { families } from '../../src/topology/operation-graph/signatures/index.ts';
import { type Leaf, type SampleArgument, sampleOf } from './operation-samples.ts';
import { table } from './option-table.ts';

const isLeaf = (argument: unknown): argument is Leaf =>
  typeof argument === 'object' && argument !== null && 'leaf' in argument;

/** An argument with its leaves taken from a list, in order. */
function filled(argument: SampleArgument | Leaf, leaves: Tensor[]): Resolved {
  if (isLeaf(argument)) return Value.of(leaves.shift() as Tensor);
  if (Array.isArray(argument)) return argument.map((entry: SampleArgument) => filled(entry, leaves));
  return argument as Resolved;
}

const leavesOf = (argument: SampleArgument): Leaf[] => {
  if (isLeaf(argument)) return [argument];
  return Array.isArray(argument) ? argument.flatMap(leavesOf) : [];
};

const flat = (result: unknown): Value[] => {
  if (result instanceof Value) return [result];
  return Array.isArray(result) ? result.flatMap(flat) : [];
};

/** What a call of the operation differentiates: the lowest order of the rules; null where nothing has a derivative. */
function orderOf(signature: Signature): number | null {
  const sample = sampleOf(signature);
  const leaves = Object.values(sample).flatMap(leavesOf);
  const run = graphOperations.get(signature.op);
  if (!run) throw new Error(`nothing computes ${signature.op}`);
  let differentiated = false;
  const kernels = kernelsOf(() => {
    const values = leaves.map(({ leaf: shape }, at) => {
      const size = sizeOf(shape);
      const data = Float32Array.from(
        { length: size },
        (_, index) => ((((index + at) * 7) % (size + 3)) + 0.5) / (size + 3),
      );
      return tf.tensor(data, [...shape]);
    });
    const call = (...given: Tensor[]): Tensor => {
      const queue = [...given];
      const args = Object.fromEntries(Object.entries(sample).map(([name, value]) => [name, filled(value, queue)]));
      const results = flat(run(createOperands(signature.op, args), { batchNorm: 'batch', call: {} }));
      const floats = results.filter(({ dtype }) => dtype === 'float32').map(({ tensor }) => tf.sum(tensor));
      differentiated ||= floats.length > 0;
      return floats.length === 0 ? tf.scalar(0) : floats.reduce((a, b) => tf.add(a, b));
    };
    if (values.length === 0) return call();
    return tf.engine().gradients(() => call(...values), values, undefined, true).grads;
  });
  if (!differentiated || leaves.length === 0) return null;
  return Math.min(...kernels.map(provenOrderOf));
}

const shown = ({ parameters }: Signature): string =>
  parameters
    .map(({ name, fallback }) => (fallback === undefined ? name : `${name}=${JSON.stringify(fallback)}`))
    .join(', ')
    .replaceAll('|', '\\|');

/** Markdown: a heading and a table for every family. */
export function operationTables(): string {
  installGradients();
  return Object.entries(families)
    .map(([family, text]) => {
      const rows = [...readSignatures(text).values()].map((signature) => {
        const order = orderOf(signature);
        return [`\`${signature.op}\``, `\`${shown(signature)}\``, order === null ? '' : String(order)];
      });
      return `### ${family[0]?.toUpperCase()}${family.slice(1)}\n\n${table(['operation', 'arguments', 'order'], rows)}`;
    })
    .join('\n\n');
}

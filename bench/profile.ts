/**
 * Where the time of a recorded step goes: every distinct operation of the graph is run alone on its shapes; the sum by kind is compared with the step.
 *
 *   npm run bench:profile -- --network resnet20 [--no-bn] [--batch 128] [--step constraint]
 */
import { parseArgs } from 'node:util';
import { tensorFlowBackend } from '../src/engine/graph/binding.ts';
import { record } from '../src/engine/graph/record.ts';
import { reachableNodes } from '../src/engine/graph/recording.ts';
import { tf } from '../src/engine/tf.ts';
import { prepareSteps, type StepName } from './steps.ts';

const { values } = parseArgs({
  options: {
    network: { type: 'string', default: 'resnet20' },
    'no-bn': { type: 'boolean', default: false },
    batch: { type: 'string', default: '128' },
    step: { type: 'string', default: 'constraint' },
  },
});

await tf.ready();
const prepared = prepareSteps(
  { name: values.network, batchNorm: !values['no-bn'], batch: Number(values.batch) },
  'graph',
);
const recording = record(prepared.functions[values.step as StepName], prepared.inputs);
const needed = reachableNodes(recording);
const backend = tensorFlowBackend();

interface Kind {
  count: number;
  seconds: number;
}
const kinds = new Map<string, Kind>();
const timed = new Map<string, number>();

/** Median seconds of one operation on values in (0, 1). */
function secondsOf(
  op: string,
  attributes: never[],
  shapes: readonly (readonly number[])[],
  types: readonly number[],
  constants: readonly (number | null)[],
): number {
  const made: number[] = [];
  const ids = shapes.map((shape, index) => {
    const constant = constants[index];
    if (constant !== null && constant !== undefined) return constant;
    const tensor =
      types[index] === 3
        ? tf.zeros([...shape], 'int32')
        : types[index] === 10
          ? tf.ones([...shape], 'bool')
          : tf.randomUniform([...shape], 0.1, 1);
    return backend.getInputTensorIds([tensor])[0] as number;
  });
  const times: number[] = [];
  for (let run = 0; run < 4; run++) {
    const start = performance.now();
    const results = backend.binding.executeOp(op, attributes, ids, outputCounts[op] ?? 1);
    times.push((performance.now() - start) / 1000);
    for (const { id } of results) backend.binding.deleteTensor(id);
  }
  for (const id of made) backend.binding.deleteTensor(id);
  return times.sort((a, b) => a - b)[1] as number;
}
const outputCounts: Readonly<Record<string, number>> = { FusedBatchNormV3: 6, FusedBatchNormGradV3: 5 };

const shapesOf = new Map<string, readonly number[]>();
for (const [index, node] of recording.nodes.entries()) {
  if (node.kind === 'input') shapesOf.set(`${index}:0`, node.shape);
  if (node.kind === 'constant') shapesOf.set(`${index}:0`, node.value.shape);
  if (node.kind === 'op')
    for (const [output, shape] of node.outputShapes.entries()) shapesOf.set(`${index}:${output}`, shape);
}
for (const [index, node] of recording.nodes.entries()) {
  if (!needed[index] || node.kind !== 'op' || node.op === 'Unpack' || node.op === 'Split' || node.op === 'SplitV')
    continue;
  const shapes = node.inputs.map(({ node: source, output }) => shapesOf.get(`${source}:${output}`) ?? []);
  const constants = node.inputs.map(({ node: source }) => {
    const from = recording.nodes[source];
    return from?.kind === 'constant'
      ? backend.binding.createTensor([...from.value.shape], from.value.dtype, from.value.data)
      : null;
  });
  const key = `${node.op}|${JSON.stringify(node.attributes)}|${JSON.stringify(shapes)}`;
  let seconds = timed.get(key);
  if (seconds === undefined) {
    seconds = tf.tidy(
      () => secondsOf(node.op, node.attributes as never[], shapes, node.inputTypes, constants) as never,
    ) as unknown as number;
    timed.set(key, seconds);
  }
  for (const id of constants) if (id !== null) backend.binding.deleteTensor(id);
  const label = values.step === 'all' ? key : node.op;
  const kind = kinds.get(label) ?? { count: 0, seconds: 0 };
  kind.count += 1;
  kind.seconds += seconds;
  kinds.set(label, kind);
}
const rows = [...kinds].sort((a, b) => b[1].seconds - a[1].seconds);
const total = rows.reduce((sum, [, { seconds }]) => sum + seconds, 0);
console.log(
  `${values.network} ${values.step}: ${recording.nodes.length} nodes, ${total.toFixed(3)} s when each operation runs alone`,
);
for (const [op, { count, seconds }] of rows.slice(0, 25)) {
  console.log(
    `  ${op.padEnd(34)} ${String(count).padStart(5)} x ${(1000 * seconds).toFixed(1).padStart(9)} ms ${((100 * seconds) / total).toFixed(1).padStart(6)} %`,
  );
}
prepared.dispose();

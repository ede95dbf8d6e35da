/**
 * Analyses the duration of a recorded step. Every distinct operation is measured by itself on its shapes; the sums by kind are compared with the
 * whole step. The convolutions alone are a lower bound for any scheduling on this machine.
 *
 *   npm run bench:profile -- [--network resnet20] [--no-bn] [--batch 128] [--step constraint] [--shapes]
 */
import { parseArgs } from 'node:util';
import { record } from '../src/engine/graph/record.ts';
import { tf } from '../src/engine/tf.ts';
import { timeOperations } from './operation-time.ts';
import { stepNames } from './step-names.ts';
import { prepareSteps } from './steps.ts';

const { values } = parseArgs({
  options: {
    network: { type: 'string', default: 'resnet20' },
    'no-bn': { type: 'boolean', default: false },
    batch: { type: 'string', default: '128' },
    step: { type: 'string', default: 'constraint' },
    /** Prints one line per distinct shape of a convolution instead of one per kind of operation. */
    shapes: { type: 'boolean', default: false },
  },
});
const step = stepNames.find((name) => name === values.step);
if (!step) throw new Error(`--step must be one of ${stepNames.join(', ')}`);

await tf.ready();
const prepared = prepareSteps(
  { name: values.network, batchNorm: !values['no-bn'], batch: Number(values.batch) },
  'graph',
);
const run = () => {
  const start = performance.now();
  const { result } = prepared.steps[step].run(prepared.inputs);
  result.dataSync();
  result.dispose();
  return (performance.now() - start) / 1000;
};
run();
const whole = Math.min(run(), run(), run());
const operations = timeOperations(record(prepared.functions[step], prepared.inputs));
prepared.dispose();

const labelOf = ({ op, shapes }: (typeof operations)[number]) => (values.shapes ? `${op} ${shapes}` : op);
const kinds = new Map<string, { count: number; seconds: number }>();
for (const operation of operations) {
  const kind = kinds.get(labelOf(operation)) ?? { count: 0, seconds: 0 };
  kinds.set(labelOf(operation), {
    count: kind.count + operation.count,
    seconds: kind.seconds + operation.count * operation.seconds,
  });
}
const isConvolution = (op: string) => /^(Depthwise)?[cC]onv2/.test(op);
const sum = (list: typeof operations) => list.reduce((total, { count, seconds }) => total + count * seconds, 0);
const convolutions = sum(operations.filter(({ op }) => isConvolution(op)));

console.log(
  `${values.network} ${step}: the step ${whole.toFixed(3)} s, its operations alone ${sum(operations).toFixed(3)} s`,
);
console.log(
  `convolutions alone ${convolutions.toFixed(3)} s: ideal / actual = ${((100 * convolutions) / whole).toFixed(0)} %\n`,
);
const rows = [...kinds]
  .sort((a, b) => b[1].seconds - a[1].seconds)
  .filter(([label]) => !values.shapes || isConvolution(label));
for (const [label, { count, seconds }] of rows.slice(0, 30)) {
  const share = `${((100 * seconds) / whole).toFixed(1)} %`;
  console.log(
    `${String(count).padStart(5)} x ${label.padEnd(values.shapes ? 80 : 30)} ${(1000 * seconds).toFixed(1).padStart(9)} ms ${share.padStart(8)}`,
  );
}

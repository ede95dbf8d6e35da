/**
 * Measures one GradInit iteration on this machine. Prints one JSON line per measurement with --json, otherwise a table.
 *
 *   npm run bench -- [--network resnet20]... [--no-bn] [--batch 128] [--repeats 3] [--step NAME]... [--eager] [--device cpu|gpu] [--json]
 *   npm run bench -- --compare pytorch|jax|eager [--rounds 1]      both in turn, with ratios; --write-docs writes them to docs/benchmarks.md
 */
import { parseArgs } from 'node:util';
import { parseDevice } from './device.ts';
import type { Measurement } from './measure.ts';
import { type StepName, stepNames } from './step-names.ts';

const { values } = parseArgs({
  options: {
    network: { type: 'string', multiple: true },
    'no-bn': { type: 'boolean', default: false },
    batch: { type: 'string', default: '128' },
    repeats: { type: 'string', default: '3' },
    step: { type: 'string', multiple: true },
    eager: { type: 'boolean', default: false },
    device: { type: 'string' },
    json: { type: 'boolean', default: false },
    compare: { type: 'string' },
    rounds: { type: 'string', default: '1' },
    'write-docs': { type: 'boolean', default: false },
  },
});

function chosenSteps(): readonly StepName[] {
  if (!values.step) return stepNames;
  const unknown = values.step.filter((name) => !stepNames.some((step) => step === name));
  if (unknown.length > 0) throw new Error(`--step must be one of ${stepNames.join(', ')}, got ${unknown.join(', ')}`);
  return stepNames.filter((name) => values.step?.includes(name));
}

const device = parseDevice(values.device);
if (values.compare !== undefined || values['write-docs']) {
  const { compareWith, isOpponent } = await import('./compare.ts');
  const opponent = values.compare ?? 'pytorch';
  if (!isOpponent(opponent)) throw new Error(`--compare knows pytorch, jax and eager, not ${opponent}`);
  await compareWith({
    opponent,
    networks: values.network,
    repeats: Number(values.repeats),
    rounds: Number(values.rounds),
    device,
    writeDocs: values['write-docs'],
  });
} else {
  const { measure } = await import('./measure.ts');
  const rows: Measurement[] = [];
  const options = { repeats: Number(values.repeats), eager: values.eager, steps: chosenSteps(), device };
  for (const name of values.network ?? ['resnet20', 'resnet110', 'vgg19']) {
    await measure({ name, batchNorm: !values['no-bn'], batch: Number(values.batch) }, options, (row) => {
      rows.push(row);
      if (values.json) console.log(JSON.stringify(row));
    });
  }
  if (!values.json) console.table(rows);
}

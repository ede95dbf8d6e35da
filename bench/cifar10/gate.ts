/**
 * Measures the decision of GradInit's gate for the zoo's image networks: whether their loss rises in the first steps of training on CIFAR-10.
 *
 *   npm run results:gate -- --data FOLDER                  every network without a report; FOLDER holds data_batch_1..5.bin
 *   npm run results:gate -- --data FOLDER --network LABEL  only these networks
 *
 * Each writes results/gate/LABEL.json. The training is that of the published table: SGD, momentum 0.9, rate 0.1 at batch 128, seed 0.
 */
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { abortOnSignals } from '../../src/cli/abort-on-signals.ts';
import { localSources } from '../../src/cli/sources.ts';
import { writeWhole } from '../../src/comparison/runner.ts';
import { parseJobSpec } from '../../src/contract/job-spec.ts';
import { initialize } from '../../src/engine/index.ts';
import type { GateReading } from '../../src/engine/search/gradinit/radius-search-decisions.ts';
import { prepareRun } from '../../src/jobs/prepare.ts';
import { type ZooRow, zooRows } from '../zoo-rows.ts';
import { normalize, provenance } from './reports.ts';

const results = path.resolve(import.meta.dirname, '../../results/gate');
const rateFactors = [1, 0.5, 0.25];
const horizon = 32;

/** Image networks that train with the published batch size, or half of it, in minutes. */
const rows = zooRows.filter(
  ({ name, batch, memory }) => batch >= 64 && memory === undefined && !name.startsWith('transformer'),
);
const fileOf = ({ label }: ZooRow) => path.join(results, `${label.replaceAll(' ', '-').toLowerCase()}.json`);

const specOf = ({ name, options, batch }: ZooRow, data: string) =>
  parseJobSpec({
    model: { format: 'zoo', name, options },
    dataset: { ref: data, options: { part: 'train', normalize, classes: 10 } },
    method: {
      name: 'gradinit',
      options: {
        learningRate: 'auto',
        trainingRate: (0.1 * batch) / 128,
        batchSize: batch,
        search: { rateFactors, shortHorizon: horizon },
      },
    },
  });

/** Reads the gate's decision. The run ends after the trainings of the gate, before the search. */
async function readGate(row: ZooRow, data: string, signal: AbortSignal): Promise<GateReading> {
  const { problem, method } = await prepareRun(specOf(row, data), localSources());
  const enough = new AbortController();
  const { findings } = await initialize(
    { problem, method },
    {
      signal,
      enough: enough.signal,
      onIteration({ iteration }) {
        if (iteration + 1 >= rateFactors.length * horizon) enough.abort();
      },
    },
  );
  const gate = (findings as { gate?: GateReading | null } | undefined)?.gate ?? null;
  if (gate === null) throw new Error(`${row.label}: the search ended without a gate`);
  return gate;
}

const { values } = parseArgs({
  options: { data: { type: 'string' }, network: { type: 'string', multiple: true } },
});
if (values.data === undefined) throw new Error('--data FOLDER names the folder of the binary files');
const { signal } = abortOnSignals();
await mkdir(results, { recursive: true });
for (const row of rows) {
  const isWanted = values.network === undefined || values.network.includes(row.label);
  if (signal.aborted || !isWanted || existsSync(fileOf(row))) continue;
  const started = new Date();
  const gate = await readGate(row, values.data, signal);
  const command = `npm run results:gate -- --data FOLDER --network '${row.label}'`;
  const seconds = Math.round((Date.now() - started.getTime()) / 1000);
  const report = {
    network: row.label,
    batch: row.batch,
    steps: horizon,
    gate,
    seconds,
    ...provenance(command, started),
  };
  await writeWhole(fileOf(row), `${JSON.stringify(report, null, 1)}\n`);
  console.log(`${row.label}: ${gate.wellConditioned ? 'kept' : 'searched'} ${JSON.stringify(gate.riseByRateFactor)}`);
}

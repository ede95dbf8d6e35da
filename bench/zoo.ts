/**
 * Measures GradInit on the networks of the zoo with random data: seconds of both kinds of iterations, and the peak memory of the process.
 *
 *   npm run bench:zoo                              every row, each in a separate process; written to docs/benchmarks.md
 *   npm run bench:zoo -- --row 'resnet-110 BN'     one row in this process, as a JSON line
 */
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { machineLine, markdownTable, writeSection } from './docs.ts';
import { type Measured, measureZooRow } from './zoo-row.ts';
import { zooRows } from './zoo-rows.ts';

function inProcessOfItsOwn(label: string): Measured {
  const args = [...process.execArgv, import.meta.filename, '--row', label];
  const { stdout, status } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) throw new Error(`${label} ended with ${status}`);
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
}

const cellsOf = (row: Measured) => [
  row.label,
  row.batch,
  row.parameters.toLocaleString('en-US'),
  row.constraintSeconds.toFixed(2),
  row.objectiveSeconds.toFixed(2),
  row.firstConstraintSeconds.toFixed(1),
  row.firstObjectiveSeconds.toFixed(1),
  row.peakGiB.toFixed(2),
];
const header = ['network', 'batch', 'parameters', 'constraint s', 'objective s', 'first', 'first', 'peak GiB'];

const { values } = parseArgs({ options: { row: { type: 'string' } } });
if (values.row === undefined) {
  const rows: (string | number)[][] = [];
  for (const { label } of zooRows) {
    rows.push(cellsOf(inProcessOfItsOwn(label)));
    console.log(rows.at(-1)?.join('  |  '));
    // Written after every row, so that an interrupted run keeps its results.
    writeSection('zoo', `${machineLine()}\n\n${markdownTable(header, rows)}`);
  }
} else {
  const row = zooRows.find(({ label }) => label === values.row);
  if (!row) throw new Error(`no row ${values.row}; there are ${zooRows.map(({ label }) => label).join(', ')}`);
  console.log(JSON.stringify(await measureZooRow(row)));
}

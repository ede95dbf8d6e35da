import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type GateReport, gateTable } from '../../scripts/docs/gate-table.ts';

const report = (network: string, rises: readonly (number | null)[], critical: number | null): GateReport => ({
  network,
  batch: 64,
  steps: 32,
  gate: {
    riseByRateFactor: { '1': rises[0] ?? null, '0.5': rises[1] ?? null },
    criticalRateFactor: critical,
    wellConditioned: critical === 1,
  },
  commit: 'abc1234',
  machine: 'two cores',
});

test('the table says what there is when there is nothing', () => {
  assert.equal(gateTable([]), 'No network has been looked at.');
});

test('networks are sorted by their numbers; rates are those of the batch', () => {
  const text = gateTable([
    report('resnet-110', [null, 1.5], null),
    report('resnet-20', [1, 1], 1),
    report('resnet-56', [1.3, 1.01], 0.5),
  ]);
  const rows = text.split('\n').filter((line) => line.startsWith('| resnet'));
  assert.deepEqual(rows, [
    '| resnet-20 | 64 | 1.00 | 1.00 | 0.050 | keeps the start |',
    '| resnet-56 | 64 | 1.30 | 1.01 | 0.025 | searches |',
    '| resnet-110 | 64 | diverges | 1.50 | below 0.025 | searches |',
  ]);
  assert.match(text, /32 steps at each rate; commit abc1234; two cores/);
});

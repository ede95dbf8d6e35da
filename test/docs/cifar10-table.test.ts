import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CellReport, cifar10Table } from '../../scripts/docs/cifar10-table.ts';

const cell = (row: string, seed: number, accuracy: number, network = 'VGG-19 BN'): CellReport => ({
  network,
  row,
  seed,
  commit: 'abc1234',
  machine: 'two cores',
  date: '2026-11-25',
  initialisation: { seconds: 300 },
  training: {
    accuracyFirst: accuracy,
    meanAccuracyFirst: accuracy + 0.01,
    divergedAt: null,
    epochs: [{ epoch: 1, seconds: 600 }] as never,
  },
});

test('the table says what there is when there is nothing', () => {
  assert.equal(cifar10Table([]), 'No cell has been run.');
});

test('seeds of a row become its mean and deviation, beside the published number, with the cost in epochs', () => {
  const text = cifar10Table([
    cell('Kaiming', 1, 0.2),
    cell('Kaiming', 0, 0.1),
    cell('GradInit, published settings', 0, 0.4),
    cell('Kaiming', 0, 0.3, 'a network without published numbers'),
  ]);
  const lines = text
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2);
  assert.equal(lines.length, 3);
  assert.ok(
    lines.some(
      (line) => line === '| VGG-19 BN | Kaiming | 0, 1 | 15.0 ± 7.1 | 16.0 ± 7.1 | 12.6 ± 0.6 | 300 | 0.50 |  |',
    ),
    text,
  );
  assert.ok(
    lines.some((line) => /GradInit, published settings \| 0 \| 40\.0 \| 41\.0 \| 47\.8 ± 1\.8/.test(line)),
    text,
  );
  assert.match(text, /4 cells; commit abc1234; two cores/);
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { OneTargetKind } from '../../../src/batch.ts';
import { type Head, inferLoss } from '../../../src/engine/losses/infer-loss.ts';
import { lossSpecs } from '../../../src/engine/losses/specs.ts';
import type { Shape } from '../../../src/topology/topology.ts';

const classes = (count: number, ...shape: number[]): OneTargetKind =>
  shape.length === 0 ? { kind: 'classes', classes: count } : { kind: 'classes', classes: count, shape };
const binary = (...shape: number[]): OneTargetKind => ({ kind: 'values', shape, isBinary: true });
const values = (...shape: number[]): OneTargetKind => ({ kind: 'values', shape });

const inferred: [Head, OneTargetKind, Shape, string][] = [
  ['softmax', classes(10), [10], 'softmax-cross-entropy'],
  ['linear', classes(10), [10], 'softmax-cross-entropy'],
  ['linear', classes(50, 12), [12, 50], 'softmax-cross-entropy'],
  ['softmax', classes(3, 8, 8), [8, 8, 3], 'softmax-cross-entropy'],
  ['softmax', classes(3, 8, 8), [null, null, 3], 'softmax-cross-entropy'],
  ['sigmoid', classes(2, 8, 8), [8, 8, 1], 'sigmoid-cross-entropy'],
  ['linear', classes(2, 8, 8), [8, 8, 1], 'sigmoid-cross-entropy'],
  ['linear', binary(5), [5], 'sigmoid-cross-entropy'],
  ['softmax', values(10), [10], 'softmax-cross-entropy'],
  ['sigmoid', classes(2), [1], 'sigmoid-cross-entropy'],
  ['sigmoid', classes(4), [4], 'sigmoid-cross-entropy'],
  ['sigmoid', values(6), [6], 'sigmoid-cross-entropy'],
  ['linear', classes(2), [1], 'sigmoid-cross-entropy'],
  ['linear', values(), [1], 'mean-squared-error'],
  ['linear', values(3, 2), [3, 2], 'mean-squared-error'],
  ['linear', values(3, 2), [null, 2], 'mean-squared-error'],
];

const refused: [Head, OneTargetKind, Shape, RegExp][] = [
  ['softmax', classes(10), [5], /10 classes.*5 units/],
  ['linear', classes(10), [1], /10 classes.*one unit/],
  ['sigmoid', classes(3), [1], /3 classes.*one sigmoid unit/],
  ['linear', classes(50), [12, 50], /shape \[\] per sample.*\[12,50\]/],
  ['softmax', classes(3, 8, 8), [8, 4, 3], /shape \[8,8\] per sample.*\[8,4,3\]/],
  ['softmax', classes(3, 8, 8), [3], /shape \[8,8\]/],
  ['linear', values(4), [3], /\[4\].*\[3\]/],
  ['linear', values(), [2], /\[\].*\[2\]/],
  ['softmax', classes(2), [1], /one unit/],
];

describe('inferLoss', () => {
  for (const [head, targets, shape, name] of inferred) {
    test(`${head} output [${shape}] with ${JSON.stringify(targets)} asks for ${name}`, () => {
      const loss = inferLoss(head, targets, shape);
      assert.equal(loss.name, name);
      assert.match(loss.reason, /targets are/);
    });
  }

  for (const [head, targets, shape, message] of refused) {
    test(`${head} output [${shape}] with ${JSON.stringify(targets)} is refused`, () => {
      assert.throws(() => inferLoss(head, targets, shape), { code: 'DATASET_SHAPE_MISMATCH', message });
    });
  }

  test('class ids do not fit an elementwise loss of sequences', () => {
    assert.throws(() => lossSpecs.huber.check(classes(3, 7), [7, 3]), { code: 'DATASET_INVALID' });
  });
});

/** Why the house rule is: a gradient that saves an output is right in first order and silently wrong in second. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { installGradients } from '../../../src/engine/gradients/index.ts';
import { type GradConfig, type Tensor, tf } from '../../../src/engine/tf.ts';
import { awayFromZero, proveRow } from './prove.ts';

installGradients();

/** As tfjs writes the rule of tanh. */
const savesOutput: GradConfig = {
  kernelName: 'Tanh',
  outputsToSave: [true],
  gradFunc: (dy, saved) => {
    const [y] = saved as [Tensor];
    return { x: () => tf.mul(tf.sub(1, tf.square(y)), dy as Tensor) };
  },
};

const proof = { shapes: [[4, 5]], op: (x: Tensor) => tf.tanh(x), draw: awayFromZero };

describe('a rule that saves its output', () => {
  it('is right in first order and wrong in second, where the rule that saves its input is right in both', () => {
    const own = tf.getGradient('Tanh');
    assert.ok(own);
    const [first, second] = proveRow(proof) as [number, number, number];
    tf.registerGradient(savesOutput);
    const [firstSaved, secondSaved] = proveRow(proof) as [number, number, number];
    tf.registerGradient(own);
    assert.ok(first < 1e-3 && second < 1e-3, `inputs saved: ${first}, ${second}`);
    assert.ok(firstSaved < 1e-3, `output saved, order 1: ${firstSaved}`);
    assert.ok(secondSaved > 0.01, `output saved, order 2: ${secondSaved}`);
  });
});

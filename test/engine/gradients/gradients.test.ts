import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gradientRules, installGradients, provenOrderOf } from '../../../src/engine/gradients/index.ts';
import { kernelsOf } from '../../../src/engine/gradients/kernel-log.ts';
import { type Tensor, tf } from '../../../src/engine/tf.ts';
import { proofs } from './proofs.ts';
import { defaultTolerance, functionOf, inputsOf, orders, proveRow } from './prove.ts';

installGradients();

describe('the gradient rules', () => {
  for (const proof of proofs) {
    const tolerance = proof.tolerance ?? defaultTolerance;
    it(`of ${proof.kernel}${proof.variant ? ` (${proof.variant})` : ''} agree with central differences to third order`, () => {
      const errors = proveRow(proof);
      errors.forEach((error, index) => {
        assert.ok(error < tolerance, `order ${orders[index]}: relative error ${error}, tolerance ${tolerance}`);
      });
    });
  }

  it('have a row each, and no row is left over', () => {
    const rules = gradientRules.map(({ kernelName }) => kernelName);
    assert.deepEqual([...new Set(proofs.map(({ kernel }) => kernel))].sort(), [...rules].sort());
    for (const kernel of rules) assert.equal(provenOrderOf(kernel), orders.length);
  });

  it('are met by the kernel of their row, and meet no kernel without a rule on the way', () => {
    for (const proof of proofs) {
      const f = functionOf(proof);
      const kernels = kernelsOf(() => tf.grads((...xs: Tensor[]) => f(xs))(inputsOf(proof)));
      assert.ok(kernels.includes(proof.kernel), `the row of ${proof.kernel} emits ${kernels}`);
      const unproven = kernels.filter((kernel) => provenOrderOf(kernel) === 0);
      assert.deepEqual(unproven, [], `the row of ${proof.kernel}`);
    }
  });

  it('never save outputs, and save inputs wholesale only where inputs are a list', () => {
    for (const { kernelName, outputsToSave, saveAllInputs } of gradientRules) {
      assert.equal(outputsToSave, undefined, kernelName);
      if (saveAllInputs) assert.ok(['AddN', 'Concat', 'Pack'].includes(kernelName), kernelName);
    }
  });

  it('replace every rule that tfjs brings', () => {
    installGradients();
    const own = new Map(gradientRules.map((rule) => [rule.kernelName, rule]));
    const names = Object.values(tf).filter((value) => typeof value === 'string');
    for (const name of names) assert.equal(tf.getGradient(name), own.get(name), name);
  });

  it('leave no tensor behind', () => {
    for (const proof of proofs) {
      const before = tf.memory().numTensors;
      tf.tidy(() => {
        const inputs = inputsOf(proof);
        const f = functionOf(proof);
        const norm = (...xs: Tensor[]) =>
          tf.addN(
            tf
              .grads((...ys: Tensor[]) => f(ys))(xs)
              .map((gradient) => tf.sum(tf.square(gradient))),
          );
        tf.grads(norm)(inputs);
      });
      assert.equal(tf.memory().numTensors, before, `${proof.kernel} ${proof.variant ?? ''}`);
    }
  });

  it('share the gradient of a maximum evenly among ties', () => {
    const gradient = tf.grad((x: Tensor) => tf.max(x))(tf.tensor1d([1, 3, 3]));
    assert.deepEqual([...gradient.dataSync()], [0, 0.5, 0.5]);
  });

  it('give ties of maximum and minimum to the first operand', () => {
    for (const op of [tf.maximum, tf.minimum]) {
      const [a, b] = tf.grads((x: Tensor, y: Tensor) => op(x, y))([tf.scalar(2), tf.scalar(2)]) as [Tensor, Tensor];
      assert.deepEqual([a.dataSync()[0], b.dataSync()[0]], [1, 0]);
    }
  });

  it('refuse a gather over batches', () => {
    const gather = (x: Tensor) => tf.gather(x, tf.tensor2d([[0], [1]], [2, 1], 'int32'), 1, 1);
    assert.throws(() => tf.grad(gather)(tf.ones([2, 3])), { code: 'GRADIENT_UNPROVEN' });
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { declareProven, installGradients } from '../../../src/engine/gradients/index.ts';
import { assertProven, customGradient, kernelsOf } from '../../../src/engine/gradients/kernel-log.ts';
import { type Tensor, tf } from '../../../src/engine/tf.ts';

installGradients();

describe('the kernel log', () => {
  it('lists the kernels of a forward pass once each, in order of first use', () => {
    const x = tf.ones([2, 2]);
    assert.deepEqual(
      kernelsOf(() => tf.add(tf.add(tf.exp(x), x), 1)),
      ['Exp', 'Add'],
    );
  });

  it('lists the kernels that run inside gradient functions', () => {
    const kernels = kernelsOf(() => tf.grad((x: Tensor) => tf.relu(x))(tf.ones([2])));
    assert.ok(kernels.includes('Relu') && kernels.includes('ReluGrad'), kernels.join());
  });

  it('does not list the kernels that another kernel runs inside itself', () => {
    const kernels = kernelsOf(() => tf.prelu(tf.ones([2]), tf.scalar(0.1)));
    assert.deepEqual(kernels, ['Prelu']);
  });

  it('leaves out kernels without inputs', () => {
    assert.deepEqual(
      kernelsOf(() => tf.fill([2], 1)),
      [],
    );
  });

  it('names a hidden custom gradient', () => {
    const kernels = kernelsOf(() => tf.grad((x: Tensor) => tf.sum(tf.logSoftmax(x)))(tf.ones([1, 3])));
    assert.ok(kernels.includes(customGradient));
  });

  it('restores the engine, also after an error, and frees what was computed', () => {
    const before = tf.memory().numTensors;
    assert.throws(() =>
      kernelsOf(() => {
        tf.ones([2]);
        throw new Error('stop');
      }),
    );
    kernelsOf(() => tf.exp(tf.ones([2])));
    assert.equal(tf.memory().numTensors, before);
    assert.ok(!Object.hasOwn(tf.engine(), 'runKernelFunc'));
  });
});

describe('the proof of a layer', () => {
  it('accepts kernels with proven rules', () => {
    assertProven(['Conv2D', 'Relu', 'MaxPoolGrad'], 'conv2d_1', 3);
  });

  it('refuses a kernel without a rule, naming layer and kernel', () => {
    assert.throws(() => assertProven(['Relu', 'LRN'], 'normalise'), {
      code: 'GRADIENT_UNPROVEN',
      message: /layer "normalise" needs the kernel LRN/,
      details: { kernel: 'LRN', layer: 'normalise', order: 2 },
    });
  });

  it('refuses a custom gradient', () => {
    assert.throws(() => assertProven([customGradient], 'loss'), { code: 'GRADIENT_UNPROVEN' });
  });

  it('accepts a declared kernel up to its order', () => {
    declareProven('KernelOfThisTest', 2);
    assertProven(['KernelOfThisTest'], 'a', 2);
    assert.throws(() => assertProven(['KernelOfThisTest'], 'a', 3), { message: /proven to order 2 only/ });
  });
});

describe('a kernel without a rule', () => {
  it('throws when it is differentiated, instead of following tfjs', () => {
    const lrn = (x: Tensor) => tf.sum(tf.localResponseNormalization(x as ReturnType<typeof tf.tensor4d>));
    assert.throws(() => tf.grad(lrn)(tf.ones([1, 2, 2, 3])), /gradient function not found for LRN/);
  });
});

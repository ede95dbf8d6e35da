/** Softmax over the last axis, as tfjs' kernel computes it. */
import { tf } from '../tf.ts';
import { rule } from './rule.ts';

/** y = softmax(x): dx = y (dy - <dy, y>). */
export const softmax = rule('Softmax', ['logits'], (dy, { logits }) => ({
  logits: () => {
    const y = tf.softmax(logits);
    return tf.mul(y, tf.sub(dy, tf.sum(tf.mul(dy, y), -1, true)));
  },
}));

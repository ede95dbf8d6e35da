/** TimeDistributed: merges the time axis with the batch axis, so that the wrapped layer runs once; layers that mix samples run step by step. */

import { AppError } from '../../../errors.ts';
import type { TimeDistributedConfig } from '../../../topology/layers/time-distributed.ts';
import { type Tensor, tf } from '../../tf.ts';
import type { LayerForward } from '../layer-forward.ts';
import { only } from './common.ts';

type FindForward = (className: string) => LayerForward | undefined;

/** Batch statistics are those of one step; a wrapped wrapper may contain a layer that computes them. */
const mixesSamples = (className: string) => className === 'BatchNormalization' || className === 'TimeDistributed';

function stepByStep(x: Tensor, inner: (step: Tensor) => Tensor): Tensor {
  return tf.stack(tf.unstack(x, 1).map(inner), 1);
}

function folded(x: Tensor, inner: (steps: Tensor) => Tensor): Tensor {
  const [samples, steps, ...rest] = x.shape as [number, number, ...number[]];
  const y = inner(tf.reshape(x, [samples * steps, ...rest])); // [n t, ...]
  return tf.reshape(y, [samples, steps, ...y.shape.slice(1)]);
}

/** `find` looks up forward functions in the registry; it is a parameter, because importing the registry here would be a cycle. */
export function timeDistributed(find: FindForward): LayerForward<TimeDistributedConfig> {
  return ({ className, config }, inputs, weights, context) => {
    const forward = find(className);
    if (forward === undefined) throw new AppError('LAYER_UNKNOWN', `the engine cannot run the class ${className}`);
    const inner = (x: Tensor) => forward(config as never, [x], weights, { ...context, call: {} });
    return (mixesSamples(className) ? stepByStep : folded)(only(inputs), inner);
  };
}

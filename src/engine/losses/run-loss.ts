/**
 * The loss of a run: that of its one output, or of a model with several outputs
 *
 *   L = sum over outputs of  weight_i L_i(output_i, targets_i)
 *
 * as Keras' `compile(loss=[...], loss_weights=[...])`. Outputs that the network masks take the mean over the positions that count.
 */
import type { OneTargetKind } from '../../batch.ts';
import { targetShape } from '../../batch.ts';
import { AppError } from '../../errors.ts';
import { sizeOf } from '../../ndarray.ts';
import type { Topology } from '../../topology/topology.ts';
import { type Scalar, type Tensor, tf } from '../tf.ts';
import { createLoss } from './index.ts';
import type { LossName } from './specs.ts';

/** A loss with its options complete. */
export interface OneLoss {
  readonly name: LossName;
  readonly options: Readonly<Record<string, unknown>>;
}

/** The part of one output. */
export interface OutputLoss extends OneLoss {
  readonly weight: number;
  readonly targets: OneTargetKind;
}

/** One for each output of the topology, in their order. */
export interface SeveralLosses {
  readonly name: 'several';
  readonly parts: readonly OutputLoss[];
}

export type RunLoss = OneLoss | SeveralLosses;

/** One output of a step with what it is judged by. */
export interface JudgedOutput {
  /** [n, ...] */
  readonly output: Tensor;
  readonly targets: Tensor;
  /** Not 0 where a position counts; null: all do. */
  readonly mask: Tensor | null;
}

type Judged = Pick<Topology, 'outputs' | 'outputMasks'>;

/**
 * What `network.forward` gives, output by output, with the targets of each.
 *
 * @param results the outputs of the network, then their masks
 */
export function judgedOutputs(
  { outputs, outputMasks = [] }: Judged,
  loss: RunLoss,
  results: readonly Tensor[],
  targets: Tensor,
): JudgedOutput[] {
  const several = loss.name === 'several' ? targetsOfParts(loss, targets) : [targets];
  if (several.length !== outputs.length)
    throw new AppError(
      'MODEL_MALFORMED',
      `a loss of ${several.length} output(s) needs a model with as many, this one has ${outputs.length}`,
    );
  const masks = results.slice(outputs.length).values();
  return several.map((own, index) => ({
    output: results[index] as Tensor,
    targets: own,
    mask: (outputMasks[index] ?? null) === null ? null : (masks.next().value as Tensor),
  }));
}

/** Targets [n, width] of several outputs one by one, in their own shapes and dtypes. */
function targetsOfParts({ parts }: SeveralLosses, targets: Tensor): Tensor[] {
  const [samples = 0] = targets.shape;
  let begin = 0;
  return parts.map(({ targets: kind }) => {
    const shape = targetShape(kind);
    const width = sizeOf(shape);
    const own = tf.reshape(tf.slice(targets, [0, begin], [samples, width]), [samples, ...shape]);
    begin += width;
    return kind.kind === 'classes' ? tf.cast(tf.round(own), 'int32') : own;
  });
}

/** A pure function of what `network.forward` gives and of the targets. */
export type RunLossFunction = (results: readonly Tensor[], targets: Tensor) => Scalar;

/** The loss of a run as a function for networks of `topology`. Throws as `createLoss`. */
export function createRunLoss(loss: RunLoss, topology: Judged): RunLossFunction {
  const parts = loss.name === 'several' ? loss.parts : [{ ...loss, weight: 1 }];
  const functions = parts.map(({ name, options }) => createLoss(name, options));
  return (results, targets) => {
    const terms = judgedOutputs(topology, loss, results, targets).map(({ output, targets: own, mask }, index) => {
      const value = (functions[index] as (typeof functions)[number])(output, own, mask);
      const { weight } = parts[index] as OutputLoss;
      return weight === 1 ? value : tf.mul(value, weight);
    });
    return terms.reduce((sum, term) => tf.add(sum, term)) as Scalar;
  };
}

/** Whether pieces of a batch can be weighed by their samples: not where several outputs have ids per position, of which some may count for none. */
export const isMeanOfSamples = (loss: RunLoss): boolean =>
  loss.name !== 'several' ||
  loss.parts.every(({ targets }) => targets.kind === 'values' || targets.shape === undefined);

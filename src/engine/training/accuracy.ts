/** How many predictions of a batch are right, where right and wrong are defined. */
import type { OneTargetKind, TargetKind } from '../../batch.ts';
import { ignoredId } from '../../batch.ts';
import type { Topology } from '../../topology/topology.ts';
import { type JudgedOutput, judgedOutputs, type RunLoss } from '../losses/run-loss.ts';
import { type LossName, lossSpecs } from '../losses/specs.ts';
import { type Tensor, tf } from '../tf.ts';

/**
 *   classes, more than one unit     the largest output is that of the class
 *   classes, one sigmoid unit       the logit is positive for class 1
 *   probabilities under softmax     the largest output is where the largest probability is
 *   values to regress               null: no prediction is right or wrong
 *
 * One or zero for each prediction: for each sample, or for each position.
 */
type AreRight = (outputs: Tensor, targets: Tensor) => Tensor;

const areEqual = (a: Tensor, b: Tensor) => tf.cast(tf.equal(a, b), 'float32');

/** @param units extent of the last axis of the outputs; null when only the data decides */
function areRight(targets: OneTargetKind, loss: LossName, units: number | null): AreRight | null {
  const { logits } = lossSpecs[loss];
  if (targets.kind === 'classes' && units !== 1) return (outputs, ids) => areEqual(tf.argMax(outputs, -1), ids);
  if (targets.kind === 'classes') {
    if (logits !== 'sigmoid') return null;
    return (outputs, ids) => areEqual(tf.cast(tf.greater(tf.reshape(outputs, ids.shape), 0), 'int32'), ids);
  }
  if (logits !== 'softmax') return null;
  return (outputs, probabilities) => areEqual(tf.argMax(outputs, -1), tf.argMax(probabilities, -1));
}

/** Which predictions count: those with a label that the mask of the network leaves in. Of the shape of `right`. */
function counted({ targets, mask }: JudgedOutput, right: Tensor): Tensor {
  const ones = tf.onesLike(right);
  const labelled = targets.dtype === 'int32' ? tf.cast(tf.greater(targets, ignoredId), 'float32') : ones;
  if (mask === null) return labelled;
  const extents = right.shape.map((extent, axis) => (axis < mask.rank ? extent : 1));
  return tf.mul(labelled, tf.cast(tf.notEqual(tf.reshape(tf.cast(mask, 'float32'), extents), 0), 'float32'));
}

/** [right predictions, predictions] of all outputs that have classes, [2]. */
export type CountPredictions = (results: readonly Tensor[], targets: Tensor) => Tensor;

/** Null where no output has classes. `results` of the counter are what `network.forward` gives. */
export function predictionCounter(
  targets: TargetKind,
  loss: RunLoss,
  topology: Pick<Topology, 'outputs' | 'outputMasks' | 'nodes'>,
): CountPredictions | null {
  const kinds = targets.kind === 'several' ? targets.parts : [targets];
  const parts = loss.name === 'several' ? loss.parts : [loss];
  const judges = kinds.map((kind, index) => {
    const units = topology.nodes[topology.outputs[index] ?? -1]?.shape.at(-1) ?? null;
    const name = parts[index]?.name;
    return name === undefined ? null : areRight(kind, name, units);
  });
  if (judges.every((judge) => judge === null)) return null;
  return (results, given) => {
    const counts = judgedOutputs(topology, loss, results, given).flatMap((judged, index) => {
      const judge = judges[index];
      if (!judge) return [];
      const right = judge(judged.output, judged.targets);
      const count = counted(judged, right);
      return [tf.stack([tf.sum(tf.mul(right, count)), tf.sum(count)])];
    });
    return counts.reduce((sum, count) => tf.add(sum, count));
  };
}

/** The loss of a specification against the model's output and the data's targets, without TensorFlow. */
import type { TargetKind } from '../../batch.ts';
import type { JobSpec } from '../../contract/job-spec.ts';
import { inferLoss } from '../../engine/losses/infer-loss.ts';
import { completeLossOptions, type LossName, lossSpecs } from '../../engine/losses/specs.ts';
import { AppError } from '../../errors.ts';
import type { SplitTopology } from '../../topology/structure/head.ts';

export interface ExaminedLoss {
  readonly name: LossName;
  /** In words for people. */
  readonly reason: string;
}

/** Null where only the data would tell. Throws OPTION_INVALID, DATASET_SHAPE_MISMATCH, DATASET_INVALID, MODEL_MALFORMED. */
export function examineLoss(
  spec: JobSpec['loss'],
  { topology, head }: SplitTopology,
  targets: TargetKind | null,
): ExaminedLoss | null {
  const [output, ...others] = topology.outputs;
  const shape = output === undefined ? undefined : topology.nodes[output]?.shape;
  if (shape === undefined || others.length > 0)
    throw new AppError(
      'MODEL_MALFORMED',
      `a loss needs a model with exactly one output, this one has ${topology.outputs.length}`,
    );
  if (spec === undefined) return targets === null ? null : inferLoss(head, targets, shape);
  const { name, options = {} } = typeof spec === 'string' ? { name: spec } : spec;
  completeLossOptions(lossSpecs[name as LossName], options);
  if (targets !== null) lossSpecs[name as LossName].check(targets, shape);
  return { name: name as LossName, reason: 'as given' };
}

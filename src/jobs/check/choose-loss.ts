/** The loss of a specification against the model's output and the data's targets, without TensorFlow. */
import type { TargetKind } from '../../batch.ts';
import type { JobSpec } from '../../contract/job-spec.ts';
import { inferLoss } from '../../engine/losses/infer-loss.ts';
import { completeLossOptions, type LossName, lossSpecs } from '../../engine/losses/specs.ts';
import { AppError } from '../../errors.ts';
import { outputNames } from '../../topology/structure/choose-output.ts';
import type { SplitTopology } from '../../topology/structure/head.ts';

export interface ChosenLoss {
  readonly name: LossName;
  /** With their defaults. */
  readonly options: Readonly<Record<string, unknown>>;
  /** In words for people. */
  readonly reason: string;
}

/**
 * The loss as given, or the one that the model and the targets ask for. Null where only the data would decide.
 *
 * @param targets null: not known
 * @throws OPTION_INVALID, DATASET_SHAPE_MISMATCH, DATASET_INVALID, MODEL_MALFORMED
 */
export function chooseLoss(
  wish: JobSpec['loss'],
  { topology, head }: SplitTopology,
  targets: TargetKind | null,
): ChosenLoss | null {
  const [output, ...others] = topology.outputs;
  const shape = output === undefined ? undefined : topology.nodes[output]?.shape;
  if (shape === undefined || others.length > 0)
    throw new AppError(
      'MODEL_MALFORMED',
      `a loss needs one output, this model has ${topology.outputs.length} (${outputNames(topology).join(', ')}): name the one that the targets belong to in output`,
    );
  if (wish === undefined) {
    if (targets === null) return null;
    const { name, reason } = inferLoss(head, targets, shape);
    return { name, options: completeLossOptions(lossSpecs[name]), reason: `inferred: ${reason}` };
  }
  const { name, options = {} } = typeof wish === 'string' ? { name: wish } : wish;
  const loss = lossSpecs[name as LossName];
  const complete = completeLossOptions(loss, options);
  if (targets !== null) loss.check(targets, shape);
  return { name: name as LossName, options: complete, reason: 'as given' };
}
